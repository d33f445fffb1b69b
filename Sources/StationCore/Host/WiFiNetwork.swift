/// A Wi-Fi network in reach of the station: of several access points with one name the strongest.
public struct WiFiNetwork: Sendable, Hashable {
    /// Bytes, not text (IEEE 802.11).
    public let ssid: [UInt8]
    /// In percent.
    public let signal: Int
    /// In MHz.
    public let frequency: Int?
    public let security: WiFiSecurity
    /// Whether the station is in it now.
    public let isJoined: Bool
    /// Whether the station has joined it before and would do so again by itself.
    public let isKnown: Bool

    public init(
        ssid: [UInt8], signal: Int, frequency: Int?, security: WiFiSecurity, isJoined: Bool = false,
        isKnown: Bool = false
    ) {
        self.ssid = ssid
        self.signal = min(max(signal, 0), 100)
        self.frequency = frequency
        self.security = security
        self.isJoined = isJoined
        self.isKnown = isKnown
    }

    /// Its name for people, with replacement characters where it is no text.
    public var shownSSID: String { String(decoding: self.ssid, as: UTF8.self) }
}
