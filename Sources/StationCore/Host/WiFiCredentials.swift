/// A Wi-Fi network with what it takes to join it: for devices, and for the station itself.
public struct WiFiCredentials: Sendable, Equatable {
    public static let maximumSSIDLength = 32
    public static let ssidRule = "1–32 bytes"
    public static let passwordRule =
        "8–63 characters that can be printed, 64 hexadecimal digits, or nothing for an open network"

    /// Bytes, not text (IEEE 802.11): they go to the device as they are.
    public let ssid: [UInt8]
    /// Empty for an open network.
    public let password: Secret

    public init(ssid: [UInt8], password: Secret) {
        self.ssid = ssid
        self.password = password
    }

    /// The network's name for people, with replacement characters where it is no text.
    public var shownSSID: String { String(decoding: self.ssid, as: UTF8.self) }

    public static func isSSID(_ ssid: [UInt8]) -> Bool {
        (1...Self.maximumSSIDLength).contains(ssid.count)
    }

    /// Whether a network can have this password (IEEE 802.11, pass-phrase or the key itself).
    public static func isPassword(_ password: Secret) -> Bool {
        let bytes = password.revealed.utf8
        return switch bytes.count {
        case 0: true
        case 8...63: bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
        case 64: bytes.allSatisfy { Character(Unicode.Scalar($0)).isHexDigit }
        default: false
        }
    }
}
