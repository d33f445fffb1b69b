import StationCore
import StationTestSupport
import Testing

@Suite("Whatever comes to the port")
struct HostileRequestTests {
    private static let total = 14_000
    private static let sockets = 400
    private static let framesOfSocket = 5
    private static let peers = 8

    @Test("14 000 hostile requests and frames are answered or closed, never with a fault of the station's own")
    func corpus() async throws {
        try await AgentProcess.run { agent in
            let processID = agent.processID
            let token = try #require(agent.accessToken)
            let cases = try await self.cases(agent)
            let answers = try await self.send(cases, to: agent.port)
            #expect(answers.values.reduce(0, +) == cases.count)
            for status in [200, 400, 401, 404, 405, 413, 415, 422] {
                #expect(answers[status, default: 0] > 0, "none was answered with \(status): \(answers)")
            }
            #expect(answers[0, default: 0] < cases.count / 4, "\(answers)")

            try await self.sendFrames(to: agent, token)

            #expect(agent.processID == processID)
            #expect(try await agent.health().word == "ok")
            #expect(try await agent.api.get("/api/auth/me").json["email"] == "owner@example.com")
            #expect(try await agent.stop() == 0)
            #expect(try await agent.store.run("PRAGMA quick_check") == ["ok"])
        }
    }

    /// Every property with every kind of value, other people's JSON where it is at hand, and chance for the rest.
    private func cases(_ agent: AgentProcess) async throws -> [HostileCase] {
        let routes = try HostileRoute.all(in: try await agent.get("/openapi.json"), try await self.scene(agent))
        var generator = HostileCases(routes, seed: 20_261_126)
        var cases = generator.properties()
        for directory in [VectorFiles.json, VectorFiles.jsonTransform] {
            cases += generator.json(try directory?.files().map(\.bytes) ?? [])
        }
        let count = Self.total - Self.sockets * Self.framesOfSocket
        try #require(cases.count < count / 2)
        while cases.count < count { cases.append(generator.next()) }
        // Whoever guesses is soon throttled, and then no token is looked at: what may be a guess comes last.
        return cases.filter { !$0.mayBeGuess } + cases.filter(\.mayBeGuess)
    }

    /// A place with a device that has a sensor, so that most routes have something to work on.
    private func scene(_ agent: AgentProcess) async throws -> HostileRoute.Scene {
        func made(_ path: String, _ body: JSONValue) async throws -> JSONValue {
            let answer = try await agent.api.post(path, json: body)
            try #require(answer.status == 201, "\(answer.text)")
            return try answer.json
        }
        let place = try #require(try await made("/api/places", ["name": "Target house"])["place_id"]?.stringValue)
        let added = try await made("/api/places/\(place)/devices", ["name": "Target"])
        let device = try #require(added["device_id"]?.stringValue)
        let path = "/api/places/\(place)/devices/\(device)"
        let sensor = try await made("\(path)/sensors", ["key": "t", "name": "T"])["sensor_id"]?.stringValue
        let zone = try await made("/api/zones", ["name": "Hall"])["id"]?.stringValue
        return HostileRoute.Scene(
            identifiers: [
                "place": place, "device": device, "sensor": sensor ?? "", "id of devices": device,
                "id of zones": zone ?? "",
            ],
            accessToken: try #require(agent.accessToken),
            deviceToken: Secret(try #require(added["token"]?.stringValue))
        )
    }

    /// Sends all of them, several at a time, and returns how many answers came of each status.
    private func send(_ cases: [HostileCase], to port: Int) async throws -> [Int: Int] {
        try await withThrowingTaskGroup(of: HostilePeer.self) { group in
            for first in 0..<Self.peers {
                group.addTask {
                    var peer = HostilePeer(port: port)
                    for index in stride(from: first, to: cases.count, by: Self.peers) {
                        try await peer.send(cases[index])
                    }
                    peer.hangUp()
                    return peer
                }
            }
            var answers: [Int: Int] = [:]
            for try await peer in group {
                answers.merge(peer.answers, uniquingKeysWith: +)
                for fault in peer.faults.prefix(10) { Issue.record("\(fault)") }
            }
            return answers
        }
    }

    private func sendFrames(to agent: AgentProcess, _ token: Secret) async throws {
        let port = agent.port
        var random = RepeatableRandom(seed: 6455)
        let volleys = (0..<Self.sockets).map { _ in
            (0..<Self.framesOfSocket).flatMap { _ in RawFrame.noise(using: &random) }
        }
        let codes = try await withThrowingTaskGroup(of: [UInt16?].self) { group in
            for first in 0..<Self.peers {
                group.addTask {
                    var codes: [UInt16?] = []
                    for index in stride(from: first, to: volleys.count, by: Self.peers) {
                        codes.append(try await HostileSocket.ending(port: port, token: token, after: volleys[index]))
                    }
                    return codes
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(codes.count == Self.sockets)
        let known: Set<UInt16> = [1000, 1001, 1002, 1003, 1005, 1007, 1008, 1009]
        #expect(codes.allSatisfy { code in code.map { known.contains($0) || (3000...4999).contains($0) } ?? true })
        #expect(codes.count { $0 == 1002 } > 0 && codes.count { $0 == 1007 } > 0 && codes.count { $0 == 1009 } > 0)
    }
}
