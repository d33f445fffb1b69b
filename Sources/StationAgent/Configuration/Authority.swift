/// `host[:port]`; an IPv6 address stands in brackets.
struct Authority: Hashable, Sendable, CustomStringConvertible {
    /// A name or an address, IPv6 without its brackets, in lower case.
    let host: String
    let port: Int?

    init(_ text: some StringProtocol) throws(InvalidValue) {
        let text = String(text)
        var host = text[...]
        var portText: Substring?
        if text.first == "[" {
            guard let end = text.firstIndex(of: "]") else { throw InvalidValue("the closing “]” is missing") }
            host = text[text.index(after: text.startIndex)..<end]
            let rest = text[text.index(after: end)...]
            guard rest.isEmpty || rest.first == ":" else { throw InvalidValue("it goes on after the “]”") }
            portText = rest.isEmpty ? nil : rest.dropFirst()
            guard host.contains(":") else { throw InvalidValue("only an IPv6 address stands in brackets") }
        } else if let colon = text.firstIndex(of: ":") {
            host = text[..<colon]
            portText = text[text.index(after: colon)...]
        }
        self.host = try Self.host(host, bracketed: text.first == "[")
        self.port = try portText.map { (text) throws(InvalidValue) in try Self.port(text) }
    }

    /// A host on its own, without a port: a name, an IPv4 address, or an IPv6 address with or without brackets.
    static func host(alone text: String) throws(InvalidValue) -> String {
        if text.hasPrefix("["), text.hasSuffix("]") {
            return try Self.host(text.dropFirst().dropLast(), bracketed: true)
        }
        guard text.filter({ $0 == ":" }).count != 1 else {
            throw InvalidValue("it has a port, which is a setting of its own")
        }
        return try Self.host(text[...], bracketed: text.contains(":"))
    }

    private static func host(_ text: Substring, bracketed: Bool) throws(InvalidValue) -> String {
        guard !text.isEmpty else { throw InvalidValue("the host is missing") }
        guard text.utf8.count <= 253 else { throw InvalidValue("the host is longer than 253 characters") }
        let isHost = text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
            case UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"): true
            case UInt8(ascii: ":"), UInt8(ascii: "%"): bracketed
            default: false
            }
        }
        guard isHost else { throw InvalidValue("the host has a character that no host name has") }
        return text.lowercased()
    }

    private static func port(_ text: Substring) throws(InvalidValue) -> Int {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = Int(text), (1...65_535).contains(port)
        else { throw InvalidValue("its port is not a number from 1 to 65535") }
        return port
    }

    /// The host as a URL wants it: IPv6 in brackets.
    static func bracketed(_ host: String) -> String {
        host.contains(":") ? "[\(host)]" : host
    }

    var description: String {
        Self.bracketed(self.host) + (self.port.map { ":\($0)" } ?? "")
    }
}
