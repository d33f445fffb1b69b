/// Percent escapes of addresses (RFC 3986, 2.1).
public enum PercentEncoding {
    /// Decodes once. `nil` for a broken escape, a NUL, or bytes that are not UTF-8.
    ///
    /// - Parameters:
    ///   - plusIsBlank: In a query a `+` stands for a blank, in a path for itself.
    ///   - admitsNUL: Whether a NUL is none of this function's business.
    public static func decode(
        _ encoded: some Sequence<UInt8>, plusIsBlank: Bool, admitsNUL: Bool = false
    ) -> String? {
        var bytes: [UInt8] = []
        var iterator = encoded.makeIterator()
        while let byte = iterator.next() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = iterator.next().flatMap(Self.digit),
                    let low = iterator.next().flatMap(Self.digit)
                else { return nil }
                bytes.append(high << 4 | low)
            case UInt8(ascii: "+") where plusIsBlank:
                bytes.append(UInt8(ascii: " "))
            default:
                bytes.append(byte)
            }
        }
        return !admitsNUL && bytes.contains(0) ? nil : String(validating: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
