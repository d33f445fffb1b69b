/// `host[:port]` as it stands in `Host` and behind the scheme of an `Origin` (RFC 3986, 3.2.2 and 3.2.3).
struct HostField: Sendable, Hashable {
    /// In lower case, without a dot at its end and without brackets.
    let name: String
    /// Nil when none is given: that of the scheme.
    let port: Int?
    /// Nil for a name.
    let address: IPAddress?

    /// `nil` for what is no host with an optional port.
    init?(_ text: String) {
        var host = text[...]
        var portText: Substring?
        if text.first == "[" {
            guard let end = text.firstIndex(of: "]") else { return nil }
            host = text[text.index(after: text.startIndex)..<end]
            let rest = text[text.index(after: end)...]
            guard rest.isEmpty || rest.first == ":" else { return nil }
            portText = rest.isEmpty ? nil : rest.dropFirst()
        } else if let colon = text.firstIndex(of: ":") {
            host = text[..<colon]
            portText = text[text.index(after: colon)...]
        }
        guard !host.isEmpty, host.utf8.count <= 253 else { return nil }
        self.address = IPAddress(literal: host)
        // An IPv6 address stands in brackets, and nothing else does.
        guard host.contains(":") == (text.first == "["), !host.contains(":") || self.address != nil else { return nil }
        guard self.address != nil || host.utf8.allSatisfy(Self.isOfName) else { return nil }
        let lower = host.lowercased()
        self.name = lower.hasSuffix(".") ? String(lower.dropLast()) : lower
        // RFC 3986 allows the colon without a number behind it.
        guard let portText, !portText.isEmpty else {
            self.port = nil
            return
        }
        guard portText.utf8.count <= 5, portText.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let port = Int(portText), port <= 65_535
        else { return nil }
        self.port = port
    }

    private static func isOfName(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"): true
        default: false
        }
    }
}
