import StationCore
import StationTestSupport
import Testing

@Suite("Whatever the cloud says", .timeLimit(.minutes(5)))
struct CloudHostileTests {
    private static let total = 10_000
    private static let whileWaiting = 2_600
    private static let beforeConsent = 1_600
    /// Fewer than the calls that the station serves at once.
    private static let volley = 32

    private static let members = #"""
        [{"cloudUserId":"o","email":"owner@example.com","name":"Olga","role":"owner"},
        {"cloudUserId":"a","email":"anna@example.com","name":"Anna","role":"member"}]
        """#

    // MARK: What is said

    @Test(
        "10 000 texts that no cloud should send are ignored, refused or answered with the right code; nothing changes")
    func texts() async throws {
        try await RawSocketServer.run { cloud in
            let setup = AgentProcess.Setup(environment: ["CLOUD_HOST": "ws://127.0.0.1:\(cloud.port)"])
            try await AgentProcess.run(setup) { agent in
                let processID = agent.processID
                let lamp = try await agent.addDevice("lamp", type: "light")
                try await eventually("the daemon knows the lamp") {
                    try await agent.api.get("/api/devices/\(lamp)").status == 200
                }
                var cases = HostileCloudCases(device: lamp, seed: 20_261_126)

                let early = try await Self.sendEarly(&cases, to: agent, cloud)
                let line = try #require(cloud.lines.last)
                line.send(#"{"type":"auth_ok"}"#)
                try await Self.sendLate(&cases, Self.total - early, to: agent, line)

                #expect(cloud.lines.count == 2, "the link was never lost")
                #expect(agent.processID == processID)
                try await agent.waitForHealth("ok")
                #expect(try await agent.get("/api/cloud/status")["state"] == "authenticated")
                #expect(try await agent.api.get("/api/auth/me").json["email"] == "owner@example.com")
                #expect(try await agent.stop() == 0)
                #expect(try await agent.store.run("PRAGMA quick_check") == ["ok"])
            }
        }
    }

    /// Nothing is obeyed, and nothing answered, before the cloud has accepted the token: not even what is well said.
    ///
    /// - Returns: How many texts were sent.
    private static func sendEarly(
        _ cases: inout HostileCloudCases, to agent: AgentProcess, _ cloud: RawSocketServer
    ) async throws -> Int {
        let before = try await Self.picture(agent)
        let facts = try await Self.picture(agent, withClaim: false)
        let offer = try #require(cloud.lines.last)
        try await eventually("the station offers itself") { offer.texts.count == 1 }
        var texts = cases.good() + (cases.systematic() + cases.huge()).map(\.text)
        while texts.count < Self.whileWaiting { texts.append(cases.next().text) }
        Self.send(texts, over: offer)
        try await Self.waitUntilIgnored(texts.count, agent)
        #expect(offer.texts.count == 1)
        #expect(!offer.isClosed)
        #expect(try await Self.picture(agent) == before)

        offer.send(#"{"type":"claim_success","stationToken":"token-4711"}"#)
        try await eventually("it comes back with its token") {
            cloud.lines.last?.texts.count == 1 && cloud.lines.count == 2
        }
        let line = try #require(cloud.lines.last)
        #expect(line.texts == [#"{"type":"station_auth","stationToken":"token-4711"}"#])
        var more = cases.good()
        while more.count < Self.beforeConsent { more.append(cases.next().text) }
        Self.send(more, over: line)
        try await Self.waitUntilIgnored(texts.count + more.count, agent)
        #expect(line.texts.count == 1)
        #expect(try await Self.picture(agent, withClaim: false) == facts)
        return texts.count + more.count
    }

    /// Everything is answered as the contract says.
    private static func sendLate(
        _ cases: inout HostileCloudCases, _ count: Int, to agent: AgentProcess, _ line: RawSocketServer.Line
    ) async throws {
        line.send(#"{"type":"identity_sync","stationName":"House","ownerCloudUserId":"o","members":\#(Self.members)}"#)
        line.send(#"{"id":"first","method":"devices.snapshot"}"#)
        var answers = HostileCloudAnswers()
        var heard = 1
        try await eventually("the members are there") {
            Self.listen(&answers, &heard, line)
            return answers.codes["first"] == 0
        }
        let before = try await Self.picture(agent)
        #expect(try await Self.name(agent) == "House")
        #expect(try await Self.users(agent).count == 2)

        var all = cases.systematic() + cases.lateWords() + cases.huge()
        try #require(all.count < count)
        while all.count < count { all.append(cases.next()) }
        var expected: [Int64: Int] = [:]
        for start in stride(from: 0, to: all.count, by: Self.volley) {
            let volley = Array(all[start..<min(start + Self.volley, all.count)])
            for case .anonymous(let code) in volley.map(\.answer) { expected[code, default: 0] += 1 }
            Self.send(volley.map(\.text), over: line)
            try await eventually("volley \(start) is answered: \(volley.map { $0.text.prefix(160) })") {
                Self.listen(&answers, &heard, line)
                try #require(
                    !line.isClosed, "closed with \(line.closeCode ?? 0) after \(volley.map { $0.text.prefix(160) })")
                return volley.allSatisfy { answers.has($0.answer) } && Self.covers(answers.anonymous, expected)
            }
            for wrong in volley where !answers.isRight(wrong.answer) {
                Issue.record("\(wrong.text.prefix(300)): not \(wrong.answer)")
            }
        }
        // Whatever is still to come has come before the answer to this.
        line.send(#"{"id":"last","method":"no.such"}"#)
        try await eventually("all is answered") {
            Self.listen(&answers, &heard, line)
            return answers.codes["last"] == -32601
        }
        #expect(answers.anonymous == expected)
        #expect(answers.strange == [])
        #expect(try await Self.picture(agent) == before)
    }

    private static func covers(_ counts: [Int64: Int], _ expected: [Int64: Int]) -> Bool {
        expected.allSatisfy { counts[$0.key, default: 0] >= $0.value }
    }

    private static func listen(_ answers: inout HostileCloudAnswers, _ heard: inout Int, _ line: RawSocketServer.Line) {
        let texts = line.texts(after: heard)
        heard += texts.count
        for text in texts { answers.take(text) }
    }

    /// Sends texts in one piece, and something binary, which means nothing.
    private static func send(_ texts: [String], over line: RawSocketServer.Line) {
        line.send(texts.map { RawFrame(opcode: 1, payload: Array($0.utf8)) })
        line.send([RawFrame(opcode: 2, payload: [0, 0xFF, 0x7B, 0x7D]), RawFrame(opcode: 2)])
    }

    private static func waitUntilIgnored(_ count: Int, _ agent: AgentProcess) async throws {
        try await eventually("\(count) texts are ignored") {
            try await agent.metrics()["station_cloud_ignored_total"] == count
        }
    }

    // MARK: What must not change

    private static func users(_ agent: AgentProcess) async throws -> [String] {
        try await agent.store.run("SELECT * FROM users ORDER BY id")
    }

    private static func name(_ agent: AgentProcess) async throws -> String {
        try await agent.store.run("SELECT name FROM station").first ?? ""
    }

    /// Everything that a cloud has a say in.
    private static func picture(_ agent: AgentProcess, withClaim: Bool = true) async throws -> [String] {
        var picture = try await Self.users(agent)
        picture.append(try await Self.name(agent))
        picture += try await agent.store.run(
            "SELECT id, external_id, name, type, place_id, status, last_known_state FROM devices ORDER BY id"
        )
        picture += try await agent.store.run("SELECT count(*) FROM device_events WHERE event_type = 'command_sent'")
        guard withClaim else { return picture }
        return picture
            + (try await agent.store.run(
                "SELECT hex(claim_secret), hex(station_token), channels, reset_step FROM cloud_config"))
    }

    // MARK: How it is said

    /// A fault, and the code with which the station closes.
    private struct Fault: Sendable {
        let name: String
        let frames: [RawFrame]
        let code: UInt16

        init(_ name: String, _ code: UInt16, _ frames: RawFrame...) {
            self.name = name
            self.code = code
            self.frames = frames
        }

        init(_ name: String, _ code: UInt16, frames: [RawFrame]) {
            self.name = name
            self.code = code
            self.frames = frames
        }
    }

    private static let text = Array("{}".utf8)
    private static let faults = [
        // Only while the station waits to be claimed, as the first of these does.
        Fault("a claim without a token", 1008, RawFrame(opcode: 1, payload: Array(#"{"type":"claimed"}"#.utf8))),
        Fault("a reserved bit", 1002, RawFrame(opcode: 1, payload: Self.text, reserved: 4)),
        Fault("opcode 3", 1002, RawFrame(opcode: 3, payload: Self.text)),
        Fault("opcode 11", 1002, RawFrame(opcode: 11)),
        Fault("a mask", 1002, RawFrame(opcode: 1, payload: Self.text, key: [1, 2, 3, 4])),
        Fault("a ping in pieces", 1002, RawFrame(opcode: 9, isFinal: false)),
        Fault("a long ping", 1002, RawFrame(opcode: 9, payload: [UInt8](repeating: 0, count: 126))),
        Fault("a padded length", 1002, RawFrame(opcode: 1, payload: Self.text, lengthSize: 2)),
        Fault("a length of 64 bits", 1002, RawFrame(opcode: 1, length: .max)),
        Fault("more of nothing", 1002, RawFrame(opcode: 0, payload: Self.text)),
        Fault(
            "a message within another", 1002, RawFrame(opcode: 1, payload: Self.text, isFinal: false),
            RawFrame(opcode: 1, payload: Self.text)),
        Fault("half a close code", 1002, RawFrame(opcode: 8, payload: [3])),
        Fault("close code 1005", 1002, RawFrame(opcode: 8, payload: [0x03, 0xED])),
        Fault("close code 999", 1002, RawFrame(opcode: 8, payload: [0x03, 0xE7])),
        Fault("a reason that is no UTF-8", 1007, RawFrame(opcode: 8, payload: [0x03, 0xE8, 0xFF])),
        Fault("text that is no UTF-8", 1007, RawFrame(opcode: 1, payload: [0xC3, 0x28])),
        Fault("text that ends in a character", 1007, RawFrame(opcode: 1, payload: [0xE2, 0x82])),
        Fault("a frame of more than 1 MiB", 1009, RawFrame(opcode: 1, length: 1 << 20 | 1)),
        Fault(
            "a message of more than 1 MiB", 1009,
            frames: [RawFrame(opcode: 1, payload: [UInt8](repeating: 0x20, count: 1 << 20), isFinal: false)]
                + [RawFrame(opcode: 0, payload: Self.text)]),
        Fault(
            "a message in a thousand pieces", 1009,
            frames: [RawFrame(opcode: 1, isFinal: false)]
                + [RawFrame](repeating: RawFrame(opcode: 0, isFinal: false), count: 1_000)),
        Fault("a thousand pings", 1008, frames: [RawFrame](repeating: RawFrame(opcode: 9), count: 1_000)),
    ]
    /// With each loss the pause before the next connection doubles: several stations share them.
    private static let faultsEach = 3

    @Test("Frames that break the rules of WebSockets close the link with the code that says so, and it comes back")
    func frames() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, first) in stride(from: 0, to: Self.faults.count, by: Self.faultsEach).enumerated() {
                let faults = Array(Self.faults[first..<min(first + Self.faultsEach, Self.faults.count)])
                group.addTask { try await Self.suffer(faults, isClaimed: number % 2 == 1) }
            }
            try await group.waitForAll()
        }
    }

    /// Puts a station through some faults, before it is claimed or when its token is accepted.
    private static func suffer(_ faults: [Fault], isClaimed: Bool) async throws {
        try await RawSocketServer.run { cloud in
            let setup = AgentProcess.Setup(environment: ["CLOUD_HOST": "ws://127.0.0.1:\(cloud.port)"])
            try await AgentProcess.run(setup) { agent in
                let processID = agent.processID
                if isClaimed { cloud.lines.last?.send(#"{"type":"claim_success","stationToken":"token-4711"}"#) }
                let greeting = isClaimed ? "station_auth" : "claim_handshake"
                let before = try await Self.users(agent)
                for fault in faults { try await Self.suffer(fault, agent, cloud, greeting) }
                #expect(agent.processID == processID)
                #expect(try await agent.health().status == 200)
                #expect(try await Self.users(agent) == before)
                #expect(try await agent.stop() == 0)
            }
        }
    }

    private static func suffer(
        _ fault: Fault, _ agent: AgentProcess, _ cloud: RawSocketServer, _ greeting: String
    ) async throws {
        try await eventually("a connection for \(fault.name)") {
            guard let line = cloud.lines.last, !line.isClosed, line.closeCode == nil else { return false }
            return line.texts.first?.contains(greeting) == true
        }
        let line = try #require(cloud.lines.last)
        if greeting == "station_auth" { line.send(#"{"type":"auth_ok"}"#) }
        line.send(fault.frames)
        try await eventually("\(fault.name) ends the connection") { line.closeCode != nil || line.isClosed }
        #expect(line.closeCode == fault.code, "\(fault.name)")
        line.end()
        try await eventually("\(fault.name) is over") { line.isClosed }
    }
}
