import StationCore
import Testing

@testable import StationMail

@Suite("The rules of the outbox")
struct RuleTests {
    /// End, handed over, last answer, what follows.
    static let endings: [(TransferResult.End, Bool, Int, MailOutcome)] = [
        (.completed, true, 250, .delivered),
        (.fault, true, 250, .delivered),
        (.fault, false, 0, .postponed("why")),
        (.fault, false, 220, .postponed("why")),
        (.fault, false, 354, .postponed("why")),
        (.fault, false, 421, .postponed("why")),
        (.fault, false, 451, .postponed("why")),
        (.fault, true, 452, .postponed("why")),
        (.lastingFault, false, 454, .postponed("why")),
        (.fault, false, 550, .refused("why")),
        (.fault, true, 554, .refused("why")),
        (.lastingFault, false, 535, .refused("why")),
        (.lastingFault, false, 0, .refused("why")),
        (.lastingFault, false, 220, .refused("why")),
        (.fault, true, 354, .unconfirmed("why")),
        (.fault, true, 0, .unconfirmed("why")),
    ]

    @Test("only a mail that the server cannot have, and may take later, is sent again", arguments: endings)
    func outcome(end: TransferResult.End, isHandedOver: Bool, answer: Int, outcome: MailOutcome) {
        let result = TransferResult(end: end, isHandedOver: isHandedOver, lastAnswer: answer, detail: "why")
        #expect(result.outcome == outcome)
    }

    @Test("smtp:// is submission with STARTTLS, smtps:// has its own port, and only this machine may be clear")
    func server() {
        #expect(MailServer(host: "mail.example", security: .startTLS).port == 587)
        #expect(MailServer(host: "mail.example", security: .implicitTLS).port == 465)
        for (host, mayBeClear) in [("localhost", true), ("::1", true), ("127.3.2.1", true), ("10.0.0.1", false)] {
            #expect(MailServer(host: host, security: .startTLS).mayBeClear == mayBeClear)
            #expect(!MailServer(host: host, security: .implicitTLS).mayBeClear)
        }
        let credentials = MailServer.Credentials(user: "me", password: Secret("hunter2"))
        let server = MailServer(host: "::1", port: 25, security: .startTLS, credentials: credentials)
        #expect(server.url == "smtp://[::1]:25")
        #expect(server.description == "smtp://•••@[::1]:25")
        #expect(!String(reflecting: server).contains("hunter2"))
    }

    @Test("dates have the right weekday in any year")
    func dates() throws {
        let dates = [
            "1970-01-01T00:00:00Z": "Thu, 01 Jan 1970 00:00:00 +0000",
            "2024-02-29T23:59:59.999Z": "Thu, 29 Feb 2024 23:59:59 +0000",
            "2026-11-21T08:30:00Z": "Sat, 21 Nov 2026 08:30:00 +0000",
            "9999-12-31T12:00:00Z": "Fri, 31 Dec 9999 12:00:00 +0000",
        ]
        for (text, date) in dates { #expect(try #require(Timestamp(iso8601: text)).mailDate == date) }
    }
}
