/// How a Wi-Fi network is protected.
public enum WiFiSecurity: String, Sendable, Hashable, CaseIterable {
    case open
    /// Broken long ago; the station does not join such a network.
    case wep
    /// WPA or WPA2 with a password for all.
    case wpa
    /// WPA3 with a password for all (SAE), alone or beside WPA2.
    case wpa3
    /// With an account for each; the station has none.
    case enterprise

    /// Whether a password, or none, is all that it takes to join.
    public var takesPassword: Bool {
        switch self {
        case .open, .wpa, .wpa3: true
        case .wep, .enterprise: false
        }
    }
}
