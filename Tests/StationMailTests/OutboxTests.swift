import StationCore
import StationMail
import StationTestSupport
import Testing

@Suite("The outbox")
struct OutboxTests {
    @Test("keeps so many mails and no more: the oldest go, the others arrive in their order")
    func bounds() async throws {
        var limits = MailOutbox.Limits()
        limits.capacity = 3
        try await SMTPServerProcess.run { server in
            let mails = try (1...5).map { try MailMessage.code("47112\($0)") }
            try await PostOffice.run(to: server.address(), limits: limits, posting: mails) { office in
                try await office.wait(for: [.displaced: 2, .delivered: 3])
                #expect(office.log.lines("an e-mail was dropped: too many are waiting").count == 2)
            }
            #expect(try server.received.map(\.text) == (3...5).map { "Enter 47112\($0).\n" })
        }
    }

    @Test("takes a thousand mails at once while the server hangs, and whoever posts does not notice")
    func flood() async throws {
        try await FakePeer.run(.silent) { peer in
            let server = MailServer(host: "127.0.0.1", port: UInt16(peer.port), security: .startTLS)
            try await PostOffice.run(to: server) { office in
                office.post(try .code())
                try await eventually("the first is under way") { peer.openConnections == 1 }
                for _ in 0..<1000 { office.post(try .code()) }
                #expect(office.count(.displaced) == 900)
                #expect(peer.openConnections == 1)
            }
        }
    }

    @Test("lets the mail under way end when it is told to stop, and drops what waits")
    func stop() async throws {
        try await SMTPServerProcess.run(.init(faults: [.greylist])) { server in
            try await PostOffice.run(to: server.address()) { office in
                office.post(try .code())
                try await eventually("it is to be tried again") { office.retries == 1 }
                await office.beginStop()
                try await office.wait(for: [.stopped: 1])
                office.post(try .code())
                try await office.wait(for: [.stopped: 2])
            }
            #expect(try server.received.isEmpty)
        }
    }

    @Test("calls off what is under way when it has been told to stop for long enough")
    func stopLimit() async throws {
        try await FakePeer.run(.silent) { peer in
            let server = MailServer(host: "127.0.0.1", port: UInt16(peer.port), security: .startTLS)
            try await PostOffice.run(to: server) { office in
                office.post(try .code())
                office.post(try .code())
                try await eventually("the first is under way") { peer.openConnections == 1 }
                await office.beginStop()
                try await eventually("the stop is being timed") { office.clock.sleeperCount == 1 }
                office.clock.advance(by: MailOutbox.Limits().stop)
                try await office.wait(for: [.stopped: 2])
                try await eventually("the connection is closed") { peer.openConnections == 0 }
            }
        }
    }
}
