public import StationCore

/// What the LAN is told of the station (DNS-SD, RFC 6763).
public struct StationAnnouncement: Sendable, Hashable {
    /// One service of it.
    struct Service: Sendable, Hashable {
        /// Such as `_http._tcp`.
        let type: String
        let port: UInt16
    }

    /// RFC 6763, 4.1.1: one label of DNS.
    private static let maximumNameLength = 63
    /// RFC 6763, 6.1: one string of DNS, with its key.
    private static let maximumTextLength = 255

    /// The station's name, as people are shown it.
    public var name: String
    public var id: StationID
    public var version: String
    /// Whether somebody has claimed it at the cloud.
    public var isClaimed: Bool
    public var httpPort: UInt16
    /// Whether `httpPort` speaks TLS.
    public var isSecure: Bool
    /// The broker's; `nil` where devices do not find it on this host.
    public var mqttPort: UInt16?

    public init(
        name: String, id: StationID, version: String, isClaimed: Bool, httpPort: UInt16, isSecure: Bool = false,
        mqttPort: UInt16? = nil
    ) {
        self.name = name
        self.id = id
        self.version = version
        self.isClaimed = isClaimed
        self.httpPort = httpPort
        self.isSecure = isSecure
        self.mqttPort = mqttPort
    }

    var services: [Service] {
        var services = [
            Service(type: "_station._tcp", port: self.httpPort),
            Service(type: self.isSecure ? "_https._tcp" : "_http._tcp", port: self.httpPort),
        ]
        if let mqttPort { services.append(Service(type: "_mqtt._tcp", port: mqttPort)) }
        return services
    }

    /// The name as DNS takes it: cut between characters, and never empty.
    var label: String {
        var label = ""
        for character in self.name.replacing("\0", with: "") {
            guard label.utf8.count + String(character).utf8.count <= Self.maximumNameLength else { break }
            label.append(character)
        }
        return label.contains { !$0.isWhitespace } ? label : "Station"
    }

    /// The TXT record: the same at all services.
    var texts: [[UInt8]] {
        [("id", "\(self.id)"), ("version", self.version), ("claimed", self.isClaimed ? "1" : "0")].map { key, value in
            Array("\(key)=\(value)".utf8.prefix(Self.maximumTextLength))
        }
    }

    /// Whether another one differs in its TXT record at most: then nobody need look for the station again.
    func hasServices(of other: StationAnnouncement) -> Bool {
        self.label == other.label && self.services == other.services
    }
}
