import Foundation

/// base64url without padding (RFC 4648, 5), for tokens that a test makes by hand.
public enum Base64URLText {
    public static func encode(_ bytes: some Sequence<UInt8>) -> String {
        Data(bytes).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
