/// The name of a file in the firmware directory: never a path, never hidden.
public struct FirmwareFileName: Sendable, Hashable, CustomStringConvertible {
    public static let maximumLength = 128
    public static let rule =
        "1–\(maximumLength) characters out of A–Z, a–z, 0–9, “_”, “.”, “@”, “+” and “-”, the first of them not “.”"

    public let description: String

    /// `nil` for what does not follow the `rule`.
    public init?(_ text: some StringProtocol) {
        guard (1...Self.maximumLength).contains(text.utf8.count), text.utf8.first != UInt8(ascii: ".") else {
            return nil
        }
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "@"),
                UInt8(ascii: "+"), UInt8(ascii: "-"):
                continue
            default: return nil
            }
        }
        self.description = String(text)
    }
}
