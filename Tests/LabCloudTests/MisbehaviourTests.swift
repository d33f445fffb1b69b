import LabCloud
import NIOCore
import StationCore
import StationSocket
import StationTestSupport
import Testing

@Suite("A lab cloud that misbehaves")
struct MisbehaviourTests {
    private static func habits(_ change: (inout LabHabits) -> Void) -> LabHabits {
        var habits = LabHabits()
        change(&habits)
        return habits
    }

    @Test("It drops a connection without a word")
    func drop() async throws {
        try await RPCTests.withStation { lab, client in
            let count = await lab.strike(.drop, at: ["chip", "nobody"])
            #expect(count == 1)
            guard case .lost = try await client.end() else {
                Issue.record("\(String(describing: client.ending))")
                return
            }
            try await eventually("it is absent") { lab.station("chip")?.presence == .absent }
        }
    }

    @Test("It closes with the code it is told", arguments: [1001, 1012, 1013] as [UInt16])
    func close(_ code: UInt16) async throws {
        try await RPCTests.withStation { lab, client in
            let code = SocketCloseCode(rawValue: code)
            await lab.strike(.close(code))
            let ending = try await client.end()
            #expect(ending == .closedByPeer(code, reason: "as told"))
        }
    }

    @Test("It sends what is no JSON, and more than a station takes")
    func garbage() async throws {
        try await RPCTests.withStation { lab, client in
            await lab.strike(.text("\u{0}{"))
            try await eventually("it is there") { client.received.last == "\u{0}{" }
            await lab.strike(.flood((1 << 20) + 1))
            let fault = SocketFault.frameTooBig(size: (1 << 20) + 1, limit: 1 << 20)
            let ending = try await client.end()
            #expect(ending == .failed(fault))
        }
    }

    @Test("It refuses every token in the word it is told", arguments: ["auth_failed", "token_invalid"])
    func wrongToken(_ word: String) async throws {
        try await LabCloud.run { lab in
            let token = try lab.admit("chip")
            lab.behave(Self.habits { $0.tokenAnswer = word })
            try await LabClient.run(lab) { client in
                try await client.authenticate(token)
                try await client.message("type", word)
            }
            #expect(lab.station("chip")?.refusals == 1)
            lab.behave(LabHabits())
            try await LabClient.run(lab) { try await $0.enter(token) }
        }
    }

    @Test("It lets in and drops at once")
    func dropsAfterConsent() async throws {
        try await LabCloud.run { lab in
            let token = try lab.admit("chip")
            lab.behave(Self.habits { $0.dropsAfterConsent = true })
            try await LabClient.run(lab) { client in
                try await client.enter(token)
                _ = try await client.end()
            }
        }
    }

    @Test("It opens and answers nothing, though pings")
    func silent() async throws {
        try await LabCloud.run { lab in
            let token = try lab.admit("chip")
            lab.behave(Self.habits { $0.isSilent = true })
            try await LabClient.run(lab) { client in
                try await client.authenticate(token)
                client.connection.ping(ByteBuffer(string: "p"))
                try await eventually("the pong comes") { client.pongs == 1 }
                #expect(client.received.isEmpty)
                #expect(lab.station("chip")?.authentications == 0)
            }
        }
    }

    @Test("It rests before it looks at a message")
    func slow() async throws {
        let clock = ManualClock()
        try await LabCloud.run(clock: clock) { lab in
            let token = try lab.admit("chip")
            lab.behave(Self.habits { $0.delay = .seconds(20) })
            try await LabClient.run(lab) { client in
                // The heartbeat is the other one who waits.
                try await eventually("it is open") { clock.sleeperCount == 1 }
                try await client.authenticate(token)
                try await eventually("it rests") { clock.sleeperCount == 2 }
                #expect(client.received.isEmpty)
                clock.advance(by: .seconds(20))
                try await client.message("type", "auth_ok")
            }
        }
    }

    @Test("On a half-open connection everything vanishes; when it is healed the connection breaks")
    func halfOpen() async throws {
        try await RPCTests.withStation { lab, client in
            let entries = lab.log().count
            lab.behave(Self.habits { $0.isHalfOpen = true }, towards: ["chip"])
            try await client.send(RPCTests.alert("e-1"))
            client.connection.ping(ByteBuffer(string: "p"))
            await #expect(throws: LabError.noAnswer(chipID: "chip", limit: .milliseconds(20))) {
                try await lab.call("x", within: .milliseconds(20))
            }
            #expect(client.pongs == 0)
            #expect(client.received.count == 1)
            #expect(client.ending == nil)
            #expect(lab.log(after: entries).allSatisfy { $0.event == .sent })
            lab.behave(LabHabits(), towards: ["chip"])
            _ = try await client.end()
        }
    }

    @Test("It takes a connection and never answers the opening request, until it is healed")
    func hang() async throws {
        try await LabCloud.run { lab in
            lab.behave(Self.habits { $0.hangs = true })
            try await LabClient.run(lab) { client in
                try await eventually("the request is there") { lab.requestTimes.count == 1 }
                #expect(client.failure == nil)
                lab.behave(LabHabits())
                try await eventually("the client knows") { client.failure != nil }
            }
        }
    }

    @Test("It refuses the opening request with a status")
    func refuse() async throws {
        try await LabCloud.run { lab in
            lab.behave(Self.habits { $0.refusal = 503 })
            try await LabClient.run(lab) { client in
                try await eventually("the client knows") { client.failure != nil }
                guard case .refused(503, _)? = client.failure else {
                    Issue.record("\(String(describing: client.failure))")
                    return
                }
            }
        }
    }

    @Test("It goes and comes back on its port, and knows its stations still")
    func leave() async throws {
        try await LabCloud.run { lab in
            let port = lab.port
            let token = try lab.admit("chip")
            try await LabClient.run(lab) { client in
                try await client.enter(token)
                await lab.leave(SocketCloseCode(rawValue: 1012))
                let code = SocketCloseCode(rawValue: 1012)
                let ending = try await client.end()
                #expect(ending == .closedByPeer(code, reason: "the cloud restarts"))
            }
            try await LabClient.run(lab) { client in
                try await eventually("nobody listens") { client.failure != nil }
            }
            try await lab.comeBack()
            #expect(lab.port == port)
            try await LabClient.run(lab) { client in
                try await client.enter(token)
                await lab.leave()
                _ = try await client.end()
            }
        }
    }

    @Test("A lab ends with all of its connections")
    func end() async throws {
        let port = try await LabCloud.run { lab in
            let token = try lab.admit("chip")
            return try await LabClient.run(lab) { client in
                try await client.enter(token)
                return lab.port
            }
        }
        try await LabCloud.run(port: port) { lab in
            #expect(lab.port == port)
            await #expect(throws: LabError.self) { try await LabCloud.run(port: port) { _ in } }
        }
    }
}
