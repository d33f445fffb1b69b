import StationCore
import Testing

@Suite("An e-mail message")
struct MailMessageTests {
    @Test(
        "is addressed to what mail servers take",
        arguments: [
            "a@b", "ada.lovelace+home@mail.example.org", "o'neil@example.org", "_x_@xn--bcher-kva.example",
            String(repeating: "l", count: 64) + "@example.org",
        ])
    func goodAddress(text: String) throws {
        #expect(try MailAddress(text).address == text)
    }

    @Test(
        "is not addressed to what could be something else to a mail server",
        arguments: [
            "", "@", "ada", "@example.org", "ada@", "a@b@c", "ada @example.org", "ada@exa mple.org",
            "ada@example.org\r\nRCPT TO:<eve@example.org>", "ada\n@example.org", "ada\0@example.org",
            "<ada@example.org>",
            "ada@example.org>", "ada,eve@example.org", "\"a b\"@example.org", ".ada@example.org", "a..b@example.org",
            "ada.@example.org", "ada@-example.org", "ada@example-.org", "ada@example..org", "ada@.org",
            "ada@[127.0.0.1]",
            "ädä@example.org", "ada@bücher.example", "ada@example.org\u{2028}", "ada(comment)@example.org",
            String(repeating: "l", count: 65) + "@example.org", "a@" + String(repeating: "d", count: 64) + ".org",
            "a@" + String(repeating: "d.", count: 130) + "org",
        ])
    func badAddress(text: String) {
        #expect(throws: MailFault.self) { try MailAddress(text) }
    }

    @Test("is read with a name, in quotes or not")
    func parsing() throws {
        #expect(try MailAddress(parsing: "a@b") == MailAddress("a@b"))
        #expect(try MailAddress(parsing: "<a@b>") == MailAddress("a@b"))
        #expect(try MailAddress(parsing: "Küche 2 <a@b>") == MailAddress("a@b", name: "Küche 2"))
        #expect(try MailAddress(parsing: "\"Kitchen, upper\" <a@b>") == MailAddress("a@b", name: "Kitchen, upper"))
        for text in ["Name <a@b", "Name a@b>", "Name <a@b> x", "A\r\nBcc: eve@example.org <a@b>", "<>"] {
            #expect(throws: MailFault.self) { try MailAddress(parsing: text) }
        }
    }

    @Test(
        "carries no line end in a header, whoever wrote that part",
        arguments: ["\r\n", "\n", "\r", "\0", "\u{85}", "\u{2028}", "\u{2029}", "\u{1B}", "\u{B}"])
    func injection(breaker: String) throws {
        let address = try MailAddress("ada@example.org")
        #expect {
            try MailMessage(to: address, subject: "Hi\(breaker)Bcc: eve@example.org", text: "x", goodFor: .seconds(1))
        } throws: { error in
            (error as? MailFault)?.description.hasPrefix("The subject of the e-mail has a control character") == true
        }
        #expect {
            try MailAddress("ada@example.org", name: "Ada\(breaker)Bcc: eve@example.org")
        } throws: { error in
            if case .name? = error as? MailFault { true } else { false }
        }
    }

    @Test("has a subject and a text of bounded length, without NUL")
    func bounds() throws {
        let address = try MailAddress("ada@example.org")
        func make(_ subject: String, _ text: String) throws {
            _ = try MailMessage(to: address, subject: subject, text: text, goodFor: .seconds(1))
        }
        try make(String(repeating: "s", count: 200), String(repeating: "t", count: 65_536))
        #expect(throws: MailFault.subject("is empty")) { try make("", "t") }
        #expect(throws: MailFault.subject("has 201 characters")) { try make(String(repeating: "s", count: 201), "t") }
        // One character to people, and a thousand to everybody else.
        #expect(throws: MailFault.self) { try make("e" + String(repeating: "\u{301}", count: 1000), "t") }
        #expect(throws: MailFault.text("is empty")) { try make("s", "") }
        #expect(throws: MailFault.text("has 65537 bytes")) { try make("s", String(repeating: "t", count: 65_537)) }
        #expect(throws: MailFault.text("has a NUL in it")) { try make("s", "a\0b") }
    }

    @Test("shows neither its text nor its subject nor the whole address")
    func secrecy() throws {
        let message = try MailMessage(
            to: MailAddress("ada@example.org"), subject: "Code 471123", text: "Enter 471123", goodFor: .seconds(300))
        var dumped = ""
        dump(message, to: &dumped)
        let shown = "\(message)\(String(reflecting: message))\(String(reflecting: [message]))\(dumped)"
        #expect(shown.contains("a•••@example.org"))
        #expect(!shown.contains("471123"))
        #expect(!shown.contains("ada@"))
    }
}
