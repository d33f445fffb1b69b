import Logging
import StationMail
import StationTestSupport
import Testing

@Suite("When the server does not take a mail")
struct FaultTests {
    /// Attempts that end soon, so that a server that hangs is found out within the test.
    private static func impatient(_ limit: Duration = .seconds(2)) -> MailOutbox.Limits {
        var limits = MailOutbox.Limits()
        limits.attempt = limit
        return limits
    }

    @Test("“come back later” is obeyed until the mail is taken, once")
    func greylisting() async throws {
        try await SMTPServerProcess.run(.init(faults: [.greylist, .greylist])) { server in
            try await PostOffice.run(to: server.address()) { office in
                office.post(try .code())
                try await office.passRetryPause(1)
                try await office.passRetryPause(2)
                try await office.wait(for: [.delivered: 1])
                #expect(office.log.lines("the mail server did not take an e-mail; it is tried again").count == 2)
            }
            #expect(try server.received.count == 1)
        }
    }

    @Test("a 4xx after the text is an answer too: it is sent again, the same mail")
    func temporaryAfterData() async throws {
        try await SMTPServerProcess.run(.init(faults: [.postponeContent])) { server in
            try await PostOffice.run(to: server.address()) { office in
                office.post(try .code())
                try await office.passRetryPause(1)
                try await office.wait(for: [.delivered: 1])
            }
            let mails = try server.received
            #expect(mails.count == 2)
            #expect(mails.first?.raw == mails.last?.raw)
        }
    }

    @Test("a 5xx is the end", arguments: [SMTPServerProcess.Fault.refuseSender, .refuseRecipient, .refuseContent])
    func permanent(fault: SMTPServerProcess.Fault) async throws {
        try await SMTPServerProcess.run(.init(faults: [fault])) { server in
            try await PostOffice.run(to: server.address()) { office in
                office.post(try .code())
                try await office.wait(for: [.refused: 1])
                #expect(office.retries == 0)
                let line = try #require(office.log.lines.last)
                #expect(line.level == .error)
                #expect(line.metadata["error"]?.contains(fault == .refuseContent ? "554" : "550") == true, "\(line)")
            }
            #expect(try server.received.count == (fault == .refuseContent ? 1 : 0))
        }
    }

    @Test(
        "without an answer to the text it is not sent again: it may have been taken",
        arguments: [SMTPServerProcess.Fault.dropAfterData, .hangAfterData])
    func unconfirmed(fault: SMTPServerProcess.Fault) async throws {
        try await SMTPServerProcess.run(.init(faults: [fault])) { server in
            try await PostOffice.run(to: server.address(), limits: Self.impatient()) { office in
                office.post(try .code())
                try await office.wait(for: [.unconfirmed: 1])
                #expect(office.retries == 0)
            }
            #expect(try server.received.count == 1)
        }
    }

    @Test("a server that hangs before the text costs one time-out and is asked again")
    func hang() async throws {
        try await SMTPServerProcess.run(.init(faults: [.hang])) { server in
            try await PostOffice.run(to: server.address(), limits: Self.impatient()) { office in
                office.post(try .code())
                try await office.passRetryPause(1)
                try await office.wait(for: [.delivered: 1])
            }
            #expect(try server.received.count == 1)
        }
    }

    @Test("one that has taken it and does not answer to QUIT has taken it")
    func hangAtQuit() async throws {
        try await SMTPServerProcess.run(.init(faults: [.hangAtQuit])) { server in
            try await PostOffice.run(to: server.address(), limits: Self.impatient()) { office in
                office.post(try .code())
                try await office.wait(for: [.delivered: 1])
                office.post(try .code("471124"))
                try await office.wait(for: [.delivered: 2])
            }
            #expect(try server.received.count == 2)
        }
    }

    @Test("a server that is away gets it when it is back")
    func away() async throws {
        try await SMTPServerProcess.run(startsAtOnce: false) { server in
            try await PostOffice.run(to: server.address()) { office in
                office.post(try .code())
                try await office.passRetryPause(1)
                try await eventually("the second try has failed") { office.retries == 2 }
                try await server.start()
                try await office.passRetryPause(2)
                try await office.wait(for: [.delivered: 1])
            }
            #expect(try server.received.count == 1)
        }
    }

    @Test("one that accepts and says nothing, or closes, is no end of the outbox", .timeLimit(.minutes(2)))
    func silent() async throws {
        for behaviour in [FakePeer.Behaviour.silent, .hangsUp, .answers([0xFF, 0x00, 0x0A])] {
            try await FakePeer.run(behaviour) { peer in
                let server = MailServer(host: "127.0.0.1", port: UInt16(peer.port), security: .startTLS)
                try await PostOffice.run(to: server, limits: Self.impatient(.seconds(1))) { office in
                    office.post(try .code(goodFor: .seconds(1)))
                    try await office.wait(for: [.expired: 1])
                }
            }
        }
    }

    @Test("it is given up when it is no longer worth sending")
    func expiry() async throws {
        try await SMTPServerProcess.run(startsAtOnce: false) { server in
            try await PostOffice.run(to: server.address()) { office in
                office.post(try .code(goodFor: .seconds(300)))
                try await eventually("it is to be tried again") { office.clock.sleeperCount == 1 }
                office.clock.advance(by: .seconds(300))
                try await office.wait(for: [.expired: 1])
                #expect(office.retries == 1)
                try await server.start()
                office.post(try .code("471124"))
                try await office.wait(for: [.expired: 1, .delivered: 1])
            }
            #expect(try server.received.map(\.text) == ["Enter 471124.\n"])
        }
    }
}
