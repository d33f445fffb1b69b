/// Who sends or gets an e-mail: `name@domain`, with the name that people call it by if there is one.
///
/// Stricter than RFC 5322: no quoted local parts, no comments, no address literals, ASCII alone (few servers know
/// SMTPUTF8). So nothing in it can end a header or a command of SMTP.
public struct MailAddress: Sendable, Hashable, CustomStringConvertible {
    private static let longestName = 100

    /// What stands before the “@”.
    public let localPart: String
    public let domain: String
    public let name: String?

    /// - Throws: `MailFault.address`, `MailFault.name`.
    public init(_ address: String, name: String? = nil) throws(MailFault) {
        (self.localPart, self.domain) = try Self.parts(of: address)
        if let name {
            guard (1...Self.longestName).contains(name.unicodeScalars.count) else {
                throw .name(name.isEmpty ? "is empty" : "has \(name.unicodeScalars.count) characters")
            }
            guard !name.hasMailControl else { throw .name("has a control character or a line end in it") }
        }
        self.name = name
    }

    /// Reads `name@domain` or `Name <name@domain>`, the name in quotes or not.
    ///
    /// - Throws: `MailFault.address`, `MailFault.name`.
    public init(parsing text: String) throws(MailFault) {
        guard let open = text.lastIndex(of: "<") else {
            try self.init(text)
            return
        }
        guard text.hasSuffix(">") else { throw .address("lacks its closing “>”") }
        var name = text[..<open]
        while name.last == " " { name.removeLast() }
        if name.count >= 2, name.first == "\"", name.last == "\"" { name = name.dropFirst().dropLast() }
        let address = text[text.index(after: open)...].dropLast()
        try self.init(String(address), name: name.isEmpty ? nil : String(name))
    }

    /// `name@domain` as it was written.
    public var address: String { "\(self.localPart)@\(self.domain)" }

    /// `Name <name@domain>`, or the bare address. For people; a header needs more care.
    public var description: String { self.name.map { "\($0) <\(self.address)>" } ?? self.address }

    /// For logs: enough to know one's own address by, too little to collect addresses from.
    public var masked: String { "\(self.localPart.prefix(1))•••@\(self.domain)" }

    // MARK: - Syntax

    private static func parts(of text: String) throws(MailFault) -> (localPart: String, domain: String) {
        // 256 octets with the angle brackets around them (RFC 5321, 4.5.3.1.3).
        guard text.utf8.count <= 254 else { throw .address("is longer than 254 characters") }
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2 else { throw .address("has \(parts.count < 2 ? "no" : "more than one") “@”") }
        guard (1...64).contains(parts[0].utf8.count), Self.isDotted(parts[0], of: Self.isAtomText) else {
            throw .address("has something before the “@” that cannot stand there")
        }
        let labels = parts[1].split(separator: ".", omittingEmptySubsequences: false)
        let isDomain =
            Self.isDotted(parts[1], of: Self.isLabelText)
            && labels.allSatisfy { label in
                label.utf8.count <= 63 && !label.hasPrefix("-") && !label.hasSuffix("-")
            }
        guard isDomain else { throw .address("has something after the “@” that is no domain") }
        return (String(parts[0]), String(parts[1]))
    }

    private static func isDotted(_ text: Substring, of isAllowed: (UInt8) -> Bool) -> Bool {
        text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { part in
            !part.isEmpty && part.utf8.allSatisfy(isAllowed)
        }
    }

    /// `atext` of RFC 5322, 3.2.3.
    private static func isAtomText(_ byte: UInt8) -> Bool {
        self.isLabelText(byte) || "!#$%&'*+/=?^_`{|}~".utf8.contains(byte)
    }

    private static func isLabelText(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}

extension String {
    /// Whether it has what could end or break a header: control characters and Unicode's own line ends.
    var hasMailControl: Bool {
        self.unicodeScalars.contains { scalar in
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator: true
            default: false
            }
        }
    }
}
