import StationCore
import SystemBus

/// An access point as NetworkManager has it.
struct NMAccessPoint: Sendable {
    /// How one gets in: `802-11-wireless-security.key-mgmt`.
    enum Key: String, Sendable, Hashable {
        case wpa = "wpa-psk"
        case sae
        /// Encrypted, without a password.
        case owe
    }

    let path: String
    let ssid: [UInt8]
    let signal: Int
    let frequency: Int?
    let security: WiFiSecurity
    /// `nil` for none, and for what the station cannot do.
    let key: Key?

    /// - Returns: `nil` for one that hides its name or that belongs to no network with access points.
    init?(path: String, properties: [String: BusValue]) {
        // Hidden ones have an empty name or one of zeros. Mode 1: a network without access points.
        guard let ssid = properties["Ssid"]?.bytes, WiFiCredentials.isSSID(ssid), ssid.contains(where: { $0 != 0 }),
            properties["Mode"]?.integer != 1
        else { return nil }
        self.path = path
        self.ssid = ssid
        self.signal = properties["Strength"]?.integer ?? 0
        self.frequency = properties["Frequency"]?.integer.flatMap { $0 > 0 ? $0 : nil }
        (self.security, self.key) = Self.security(
            isPrivate: (properties["Flags"]?.integer ?? 0) & 1 != 0,
            flags: (properties["WpaFlags"]?.integer ?? 0) | (properties["RsnFlags"]?.integer ?? 0))
    }

    /// NM80211ApFlags and NM80211ApSecurityFlags.
    private static func security(isPrivate: Bool, flags: Int) -> (WiFiSecurity, Key?) {
        let (psk, enterprise, sae, owe, suiteB) = (0x100, 0x200, 0x400, 0x800, 0x2000)
        // With both, NetworkManager's wpa-psk takes the better one.
        if flags & sae != 0 { return (.wpa3, flags & psk != 0 ? .wpa : .sae) }
        if flags & psk != 0 { return (.wpa, .wpa) }
        if flags & (enterprise | suiteB) != 0 { return (.enterprise, nil) }
        if flags & owe != 0 { return (.open, .owe) }
        return isPrivate ? (.wep, nil) : (.open, nil)
    }

    /// One network for each name, the strongest access point of it standing for all; the strongest first.
    static func networks(
        _ points: [NMAccessPoint], joined: [UInt8]?, known: Set<[UInt8]>, at most: Int = HostLimits.networks
    ) -> [WiFiNetwork] {
        var strongest: [[UInt8]: NMAccessPoint] = [:]
        for point in points where point.signal >= strongest[point.ssid]?.signal ?? -1 {
            strongest[point.ssid] = point
        }
        let networks = strongest.values.map { point in
            point.network(isJoined: point.ssid == joined, isKnown: known.contains(point.ssid))
        }
        let ordered = networks.sorted { one, other in
            one.signal == other.signal ? one.ssid.lexicographicallyPrecedes(other.ssid) : one.signal > other.signal
        }
        // The one that the station is in is never left out.
        let (first, rest) = (ordered.prefix(most), ordered.dropFirst(most))
        guard let kept = rest.first(where: \.isJoined) else { return Array(first) }
        return first.dropLast() + [kept]
    }

    func network(isJoined: Bool, isKnown: Bool) -> WiFiNetwork {
        WiFiNetwork(
            ssid: self.ssid, signal: self.signal, frequency: self.frequency, security: self.security,
            isJoined: isJoined, isKnown: isKnown)
    }
}
