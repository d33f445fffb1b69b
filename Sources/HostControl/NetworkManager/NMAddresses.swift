import SystemBus

/// What NetworkManager's IP4Config and IP6Config objects of one device tell.
struct NMAddresses: Sendable, Hashable {
    /// With the length of the prefix.
    let addresses: [String]
    let gateway: String?
    let nameServers: [String]
    /// Whether there is an address that others can reach: not only one that the device has given itself.
    let isReachable: Bool

    init(ip4: [String: BusValue], ip6: [String: BusValue]) {
        let found = (Self.entries(ip4, "AddressData") + Self.entries(ip6, "AddressData")).prefix(NMLimits.addresses)
        self.addresses = found.map { entry in entry.prefix.map { "\(entry.address)/\($0)" } ?? entry.address }
        self.isReachable = found.contains { !Self.isLinkLocal($0.address) }
        self.gateway = [ip4, ip6].compactMap { $0["Gateway"]?.string }.first { !$0.isEmpty }
        let servers = Self.entries(ip4, "NameserverData") + Self.entries(ip6, "NameserverData")
        self.nameServers = servers.prefix(NMLimits.addresses).map(\.address)
    }

    /// `aa{sv}`.
    private static func entries(_ config: [String: BusValue], _ name: String) -> [(address: String, prefix: Int?)] {
        (config[name]?.array ?? []).prefix(NMLimits.addresses).compactMap { value in
            guard let entry = value.properties, let address = entry["address"]?.string else { return nil }
            return (address, entry["prefix"]?.integer)
        }
    }

    /// 169.254.0.0/16 (RFC 3927), fe80::/10 (RFC 4291).
    private static func isLinkLocal(_ address: String) -> Bool {
        let head = address.lowercased().prefix(3)
        return address.hasPrefix("169.254.") || ["fe8", "fe9", "fea", "feb"].contains(head)
    }
}
