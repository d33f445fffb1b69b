/// A line of Mosquitto's log that says something about who comes and goes (2.0.11 and later).
enum BrokerLogLine: Sendable, Hashable {
    /// A connection was accepted; nothing is known but where it comes from, `address:port`.
    case opened(peer: String)
    case connected(peer: String, client: String)
    /// A connection was refused, whoever it was.
    case refused

    /// `nil` for every other line.
    init?(_ text: String) {
        // “1795677565: New connection from 192.0.2.7:55868 on port 1883.”
        guard let colon = text.firstRange(of: ": ") else { return nil }
        let line = text[colon.upperBound...]
        if let rest = Self.rest(of: line, after: "New connection from "), let end = rest.firstRange(of: " on port ") {
            self = .opened(peer: String(rest[..<end.lowerBound]))
        } else if let rest = Self.rest(of: line, after: "New client connected from "),
            let name = rest.firstRange(of: " as "), let end = rest[name.upperBound...].firstRange(of: " (p")
        {
            self = .connected(
                peer: String(rest[..<name.lowerBound]), client: String(rest[name.upperBound..<end.lowerBound])
            )
        } else if line.hasPrefix("Client "), line.hasSuffix(" disconnected, not authorised.") {
            self = .refused
        } else {
            return nil
        }
    }

    /// The address of `address:port`, IPv6 without brackets.
    static func address(of peer: String) -> String {
        guard let colon = peer.lastIndex(of: ":") else { return peer }
        return peer[..<colon].filter { $0 != "[" && $0 != "]" }
    }

    private static func rest(of line: Substring, after prefix: String) -> Substring? {
        line.hasPrefix(prefix) ? line.dropFirst(prefix.count) : nil
    }
}
