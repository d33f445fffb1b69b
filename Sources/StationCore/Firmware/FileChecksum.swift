/// The SHA-256 of a file.
public struct FileChecksum: Sendable, Hashable, CustomStringConvertible {
    public static let rule = "the SHA-256 in 64 hexadecimal digits"
    private static let size = 32

    public let bytes: [UInt8]

    /// `nil` unless there are 32 bytes.
    public init?(bytes: some Sequence<UInt8>) {
        let bytes = Array(bytes)
        guard bytes.count == Self.size else { return nil }
        self.bytes = bytes
    }

    /// Reads 64 hexadecimal digits of either case, with or without `sha256:` in front; `nil` for anything else.
    public init?(_ text: some StringProtocol) {
        var digits = Array(text.utf8)
        let prefix = Array("sha256:".utf8)
        if digits.prefix(prefix.count).map({ $0 | 0x20 }) == prefix.map({ $0 | 0x20 }) {
            digits.removeFirst(prefix.count)
        }
        guard digits.count == 2 * Self.size else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = Self.value(of: digits[index]), let low = Self.value(of: digits[index + 1]) else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        self.bytes = bytes
    }

    /// 64 hexadecimal digits in lower case.
    public var description: String {
        let digits = Array("0123456789abcdef".utf8)
        let text = self.bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return String(decoding: text, as: UTF8.self)
    }

    private static func value(of digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
