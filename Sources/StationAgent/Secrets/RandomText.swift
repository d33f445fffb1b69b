import FoundationEssentials
import StationCore

/// Random text for tokens and keys.
enum RandomText {
    /// 256 random bits of the kernel as 43 characters of base64url without padding.
    static func make() -> Secret {
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        let text = Data(bytes).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
        return Secret(text)
    }
}
