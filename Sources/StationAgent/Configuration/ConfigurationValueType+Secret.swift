import StationCore

extension ConfigurationValueType where Value == Secret {
    private init(
        allowed: String, emptyIsValue: Bool, read: @escaping @Sendable (String) throws(InvalidValue) -> Secret
    ) {
        self.init(
            allowed: allowed, isSecret: true, emptyIsValue: emptyIsValue, read: read,
            write: { $0.isEmpty ? "(empty)" : ShownText.mask })
    }

    /// A password as it is, with its blanks.
    static var password: Self {
        Self(allowed: "any text", emptyIsValue: false) { (text) throws(InvalidValue) in Secret(text) }
    }

    /// A key for signatures. An empty one is refused and not taken for “not set”, lest a lost value go unnoticed.
    static func key(minimumBytes: Int) -> Self {
        Self(allowed: "at least \(minimumBytes) bytes", emptyIsValue: true) { (text) throws(InvalidValue) in
            let count = text.utf8.count
            guard count >= minimumBytes else {
                throw InvalidValue(count == 0 ? "it is empty" : "it is too short: \(count) bytes")
            }
            return Secret(text)
        }
    }

    /// A token for an HTTP header. An empty one is allowed and matches nothing.
    static var bearerToken: Self {
        Self(
            allowed: "visible ASCII characters without blanks; empty: the token is switched off", emptyIsValue: true
        ) { (text) throws(InvalidValue) in
            guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
                throw InvalidValue("it has a character that an HTTP header cannot carry")
            }
            return Secret(text)
        }
    }

    /// The password of a Wi-Fi network (contract 5); an empty one is that of an open network.
    static var networkPassword: Self {
        Self(
            allowed: "8–63 characters, 64 hexadecimal digits, or empty for an open network", emptyIsValue: true
        ) { (text) throws(InvalidValue) in
            let count = text.utf8.count
            switch count {
            case 0, 8...63: return Secret(text)
            case 64 where text.utf8.allSatisfy(\.isHexadecimalDigit): return Secret(text)
            default: throw InvalidValue("it has \(count) bytes")
            }
        }
    }
}

extension UInt8 {
    fileprivate var isHexadecimalDigit: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }
}
