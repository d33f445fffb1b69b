import StationCore
public import StationSocket

/// The proxy that the environment names for TLS connections: `https_proxy`, `HTTPS_PROXY`, `no_proxy`, `NO_PROXY`, read
/// as curl reads them.
public enum ProxySetting {
    /// What is wrong with the setting. The value itself is not told: it may hold a password.
    public struct Fault: Error, Sendable, Hashable, CustomStringConvertible {
        public let name: String
        public let reason: String

        public var description: String { "\(self.name): \(self.reason)" }
    }

    /// The proxy on the way to a host.
    ///
    /// - Returns: nil when none is set, or when this host is to be reached without it.
    /// - Throws: `Fault` for what is no `http://[user[:password]@]host[:port]`.
    public static func proxy(
        toHost host: String, port: Int, environment: [String: String]
    ) throws(Fault) -> SocketProxy? {
        // The lower-case name is the older one and wins, as with curl.
        let found = ["https_proxy", "HTTPS_PROXY"].lazy.compactMap { name in
            environment[name].map { (name: name, value: $0) }
        }
        guard let setting = found.first, !setting.value.isEmpty else { return nil }
        let exceptions = environment["no_proxy"] ?? environment["NO_PROXY"] ?? ""
        guard !Self.isException(host, port, in: exceptions) else { return nil }
        return try Self.parse(setting.value, name: setting.name)
    }

    /// Whether a list such as `localhost,.example.com,10.0.0.1:8443` names this host: itself, or a domain it is in.
    private static func isException(_ host: String, _ port: Int, in list: String) -> Bool {
        list.split { $0 == "," || $0 == " " }.contains { entry in
            if entry == "*" { return true }
            var name = entry.lowercased()
            let suffix = ":\(port)"
            if name.hasPrefix("[") {
                name = name.hasSuffix("]\(suffix)") ? String(name.dropLast(suffix.utf8.count)) : name
                return name == "[\(host.lowercased())]"
            }
            if name.hasSuffix(suffix), name != host.lowercased() { name.removeLast(suffix.utf8.count) }
            if name.hasPrefix("*.") { name.removeFirst() }
            if name.hasPrefix(".") { name.removeFirst() }
            guard !name.isEmpty else { return false }
            let host = host.lowercased()
            return host == name || host.hasSuffix(".\(name)")
        }
    }

    private static func parse(_ text: String, name: String) throws(Fault) -> SocketProxy {
        var rest = text[...]
        if let end = rest.firstRange(of: "://") {
            guard rest[..<end.lowerBound].lowercased() == "http" else {
                throw Fault(name: name, reason: "only http:// proxies are known here")
            }
            rest = rest[end.upperBound...]
        }
        if rest.last == "/" { rest.removeLast() }
        var login: (user: String, password: String)?
        if let at = rest.lastIndex(of: "@") {
            let parts = rest[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            let words = parts.map { PercentEncoding.decode($0.utf8, plusIsBlank: false) }
            guard let user = words[0], let password = words.count > 1 ? words[1] : "" else {
                throw Fault(name: name, reason: "a “%” in the login is not followed by two hexadecimal digits")
            }
            login = (user, password)
            rest = rest[rest.index(after: at)...]
        }
        let (host, port) = try Self.endpoint(rest, name: name)
        do {
            return try SocketProxy(
                host: host, port: port, user: login?.user, password: Secret(login?.password ?? "")
            )
        } catch {
            throw Fault(name: name, reason: "\(error)")
        }
    }

    private static func endpoint(_ text: Substring, name: String) throws(Fault) -> (host: String, port: Int) {
        var host = text
        var portText: Substring?
        if text.first == "[", let end = text.firstIndex(of: "]") {
            host = text[text.index(after: text.startIndex)..<end]
            let rest = text[text.index(after: end)...]
            guard rest.isEmpty || rest.first == ":" else { throw Fault(name: name, reason: "it goes on after the “]”") }
            portText = rest.isEmpty ? nil : rest.dropFirst()
        } else if let colon = text.lastIndex(of: ":") {
            host = text[..<colon]
            portText = text[text.index(after: colon)...]
        }
        guard !host.isEmpty, !host.contains(where: { "/?#@".contains($0) }) else {
            throw Fault(name: name, reason: "it is not http://[user[:password]@]host[:port]")
        }
        guard let portText else { return (String(host), 80) }
        guard portText.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = Int(portText) else {
            throw Fault(name: name, reason: "its port is no number")
        }
        return (String(host), port)
    }
}
