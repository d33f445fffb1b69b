import StationCore
import StationMail
import StationTestSupport
import Testing

@Suite("A mail")
struct DeliveryTests {
    private static func security(_ security: SMTPServerProcess.Security) -> MailServer.Security {
        security == .implicitTLS ? .implicitTLS : .startTLS
    }

    @Test("arrives once, and over TLS wherever the server has it", arguments: SMTPServerProcess.Security.allCases)
    func arrives(security: SMTPServerProcess.Security) async throws {
        try await SMTPServerProcess.run(.init(security: security)) { server in
            let address = server.address(
                Self.security(security), caFile: security == .plain ? nil : server.caFile)
            try await PostOffice.run(to: address) { office in
                office.post(try .code())
                try await office.wait(for: [.delivered: 1])
                #expect(office.retries == 0)
            }
            let mails = try server.received
            #expect(mails.count == 1)
            let mail = try #require(mails.first)
            #expect(mail.isSecure == (security != .plain))
            #expect(mail.sender == PostOffice.sender)
            #expect(mail.recipients == ["ada@example.org"])
            #expect(mail.text == "Enter 471123.\n")
            #expect(mail.headers["Subject"] == "Your code is 471123")
            #expect(mail.headers["To"] == "ada@example.org")
            #expect(mail.headers["From"] == "Küche <\(PostOffice.sender)>")
            #expect(mail.headers["Auto-Submitted"] == "auto-generated")
            #expect(mail.headers["MIME-Version"] == "1.0")
            #expect(mail.headers["Date"] == "Sat, 21 Nov 2026 08:30:00 +0000")
            #expect(mail.headers["Message-ID"]?.hasSuffix("@home.example>") == true)
        }
    }

    @Test("keeps every character of subject, name and text, and every line of it a length that servers allow")
    func intact() async throws {
        let subject = String(repeating: "Schlüssel für 家 🏡 ", count: 8) + "=?"
        let name = #"Ada "Größe" \ 👩‍💻 "# + String(repeating: "ß", count: 60)
        let lines = [
            "Grüße, = und =41, 世界 🏡", ".", "..", ".a", "From here", " blank at both ends ", "tab\t", "",
            String(repeating: "long ", count: 400), String(repeating: "ü.", count: 500), "QUIT", "end",
        ]
        let message = try MailMessage(
            to: MailAddress("ada.l+home@example.org", name: name), subject: subject,
            text: lines.joined(separator: "\r\n"), goodFor: .seconds(60))
        try await SMTPServerProcess.run { server in
            try await PostOffice.run(to: server.address()) { office in
                office.post(message)
                try await office.wait(for: [.delivered: 1])
            }
            let mails = try server.received
            let mail = try #require(mails.first)
            #expect(mails.count == 1)
            #expect(mail.headers["Subject"] == subject)
            #expect(mail.headers["To"]?.contains("<ada.l+home@example.org>") == true)
            #expect(mail.headers["To"]?.contains("ß") == true)
            #expect(mail.text == lines.joined(separator: "\n") + "\n")
            let rawLines = mail.raw.split(separator: "\r\n")
            #expect(rawLines.count > 40)
            #expect(rawLines.allSatisfy { $0.unicodeScalars.count <= 78 && $0.unicodeScalars.allSatisfy(\.isASCII) })
        }
    }

    @Test("gets in with user and password", arguments: [SMTPServerProcess.Security.startTLS, .implicitTLS])
    func login(security: SMTPServerProcess.Security) async throws {
        let setup = SMTPServerProcess.Setup(security: security, user: "me@home", password: "let me ín: %")
        try await SMTPServerProcess.run(setup) { server in
            let credentials = MailServer.Credentials(user: "me@home", password: Secret("let me ín: %"))
            let address = server.address(Self.security(security), caFile: server.caFile, credentials: credentials)
            try await PostOffice.run(to: address) { office in
                office.post(try .code())
                try await office.wait(for: [.delivered: 1])
            }
            #expect(try server.received.map(\.user) == ["me@home"])
        }
    }

    @Test("is not tried twice with a wrong password, and no log shows password, code or address")
    func wrongPassword() async throws {
        let setup = SMTPServerProcess.Setup(security: .implicitTLS, user: "me", password: "right")
        try await SMTPServerProcess.run(setup) { server in
            let credentials = MailServer.Credentials(user: "me", password: Secret("hunter2"))
            let address = server.address(.implicitTLS, caFile: server.caFile, credentials: credentials)
            try await PostOffice.run(to: address) { office in
                office.post(try .code())
                try await office.wait(for: [.refused: 1])
                #expect(office.retries == 0)
                let shown = "\(office.log.lines) \(address)"
                #expect(shown.contains("a•••@example.org"))
                for secret in ["hunter2", "471123", "ada@"] { #expect(!shown.contains(secret)) }
            }
            #expect(try server.received.isEmpty)
        }
    }

    @Test(
        "goes to nobody whose certificate is not by the authority or not for the host",
        arguments: [SMTPServerProcess.Security.startTLS, .implicitTLS])
    func certificates(security: SMTPServerProcess.Security) async throws {
        try await SMTPServerProcess.run(.init(security: security)) { server in
            for caFile in [server.otherCAFile, nil, "/none/ca.pem"] {
                try await PostOffice.run(to: server.address(Self.security(security), caFile: caFile)) { office in
                    office.post(try .code())
                    try await office.wait(for: [.refused: 1])
                    #expect(office.retries == 0)
                }
            }
            #expect(try server.received.isEmpty)
        }
        let setup = SMTPServerProcess.Setup(security: security, certificateHost: "DNS:mail.example.org")
        try await SMTPServerProcess.run(setup) { server in
            try await PostOffice.run(to: server.address(Self.security(security), caFile: server.caFile)) { office in
                office.post(try .code())
                try await office.wait(for: [.refused: 1])
            }
            #expect(try server.received.isEmpty)
        }
    }

    @Test("goes to no server without STARTTLS that is not on this machine")
    func clearText() async throws {
        try await SMTPServerProcess.run { server in
            // Linux connects to this machine for it, yet it is no loopback address.
            try await PostOffice.run(to: server.address(host: "0.0.0.0")) { office in
                office.post(try .code())
                try await office.wait(for: [.refused: 1])
            }
            #expect(try server.received.isEmpty)
        }
    }

    @Test("goes to no server that speaks plainly where TLS is wanted from the first byte")
    func crossed() async throws {
        try await SMTPServerProcess.run { server in
            try await PostOffice.run(to: server.address(.implicitTLS)) { office in
                office.post(try .code(goodFor: .seconds(1)))
                try await office.wait(for: [.expired: 1])
            }
            #expect(try server.received.isEmpty)
        }
    }
}
