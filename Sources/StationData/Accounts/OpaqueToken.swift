import Crypto
import FoundationEssentials
public import StationCore

/// A secret that means nothing but itself: 256 random bits, shown once and kept as SHA-256.
///
/// The tokens of devices and of the agent, refresh tokens and invitations are such tokens. With so many bits a plain hash is enough: nobody can try them out.
public enum OpaqueToken {
    /// 43 characters of base64url without padding.
    public static func make() -> Secret {
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        return Secret(self.text(bytes))
    }

    public static func hash(_ token: Secret) -> [UInt8] {
        Array(SHA256.hash(data: Array(token.revealed.utf8)))
    }

    /// A name for a text of any length and form: its SHA-256, in the characters of tokens.
    static func digest(_ text: String) -> String {
        self.text(Array(SHA256.hash(data: Array(text.utf8))))
    }

    private static func text(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    /// Compares every byte whatever the difference, so that the time taken tells nothing.
    static func isEqual(_ one: [UInt8], _ other: [UInt8]) -> Bool {
        one.count == other.count && zip(one, other).reduce(0) { $0 | $1.0 ^ $1.1 } == 0
    }
}
