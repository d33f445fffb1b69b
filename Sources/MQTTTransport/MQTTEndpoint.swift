internal import Glibc
internal import StationCore

/// Where a broker listens.
public struct MQTTEndpoint: Sendable, Hashable, CustomStringConvertible {
    /// The text is no broker address; `description` says what is allowed.
    public struct InvalidURL: Error, Hashable, CustomStringConvertible {
        public let description: String
    }

    /// A name or an address, IPv6 without brackets.
    public var host: String
    public var port: UInt16
    public var useTLS: Bool
    /// PEM file of the authorities that may have signed the broker's certificate; nil means those of the system.
    public var caFile: String?

    public init(host: String, port: UInt16, useTLS: Bool = false, caFile: String? = nil) {
        self.host = host
        self.port = port
        self.useTLS = useTLS
        self.caFile = caFile
    }

    /// Reads `mqtt://host[:port]` (port 1883 if none) or `mqtts://host[:port]` (TLS, 8883); IPv6 in brackets.
    ///
    /// - Throws: `InvalidURL`. It never contains a user name or password that somebody put into the URL.
    public init(url: String, caFile: String? = nil) throws(InvalidURL) {
        let parts = url.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let useTLS = ["mqtt": false, "mqtts": true][parts[0].lowercased()] else {
            throw Self.invalid("“\(url.contains("@") ? "…" : url)” does not begin with mqtt:// or mqtts://")
        }
        var authority = parts[1]
        guard !authority.contains("@") else {
            throw Self.invalid("the address contains “@”: user name and password are settings of their own")
        }
        if authority.hasSuffix("/") { authority.removeLast() }
        let (host, portText) = Self.split(authority)
        guard Self.isHost(host) else {
            throw Self.invalid("“\(url)” names no host")
        }
        var port: UInt16 = useTLS ? 8883 : 1883
        if let portText {
            guard portText.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = UInt16(portText), number > 0
            else { throw Self.invalid("port “\(portText)” in “\(url)” is not a number from 1 to 65535") }
            port = number
        }
        self.init(host: String(host), port: port, useTLS: useTLS, caFile: caFile)
    }

    /// Whether the broker is on this machine, as far as the text tells: `localhost`, 127.0.0.0/8 or `::1`.
    public var isLoopback: Bool { HostName.isLoopback(self.host) }

    /// Whether the host is an address, so that no name service is asked.
    var isNumeric: Bool {
        var address = in6_addr()
        return inet_pton(AF_INET, self.host, &address) == 1 || inet_pton(AF_INET6, self.host, &address) == 1
    }

    /// The URL form.
    public var description: String {
        "\(self.useTLS ? "mqtts" : "mqtt")://\(self.host.contains(":") ? "[\(self.host)]" : self.host):\(self.port)"
    }

    private static func split(_ authority: Substring) -> (host: Substring, port: Substring?) {
        if authority.first == "[", let end = authority.firstIndex(of: "]") {
            let host = authority[authority.index(after: authority.startIndex)..<end]
            let rest = authority[authority.index(after: end)...]
            guard !rest.isEmpty else { return (host, nil) }
            return rest.first == ":" ? (host, rest.dropFirst()) : ("", nil)
        }
        guard let colon = authority.firstIndex(of: ":") else { return (authority, nil) }
        return (authority[..<colon], authority[authority.index(after: colon)...])
    }

    private static func isHost(_ text: Substring) -> Bool {
        guard (1...253).contains(text.utf8.count) else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
            case UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: ":"), UInt8(ascii: "%"): true
            default: false
            }
        }
    }

    private static func invalid(_ reason: String) -> InvalidURL {
        InvalidURL(description: "\(reason); allowed is mqtt://host[:port] or mqtts://host[:port]")
    }
}
