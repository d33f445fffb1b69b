/// Text that stands as one level of an MQTT topic: 1–64 characters of `[A-Za-z0-9_.-]` (contract 1, rule 7).
///
/// Nothing else may reach a topic: a `+`, `#` or `/` in a name would let one device speak for others.
public enum TopicName {
    public static let maximumLength = 64
    public static let rule = "1–64 characters out of A–Z, a–z, 0–9, “_”, “.” and “-”"

    public static func isValid(_ text: some StringProtocol) -> Bool {
        var count = 0
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
                count += 1
            default: return false
            }
            if count > self.maximumLength { return false }
        }
        return count > 0
    }
}
