import Crypto
import FoundationEssentials
import StationCore

/// The secret by which a device proves who it is: 256 random bits, shown once, kept as SHA-256 (contract 6).
enum DeviceToken {
    /// 43 characters of base64url without padding.
    static func make() -> Secret {
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        let text = Data(bytes).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
        return Secret(text)
    }

    static func hash(_ token: Secret) -> [UInt8] {
        Array(SHA256.hash(data: Array(token.revealed.utf8)))
    }

    /// Compares every byte whatever the difference.
    static func isEqual(_ one: [UInt8], _ other: [UInt8]) -> Bool {
        one.count == other.count && zip(one, other).reduce(0) { $0 | $1.0 ^ $1.1 } == 0
    }
}
