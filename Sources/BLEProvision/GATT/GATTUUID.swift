/// The UUID of a service, characteristic or piece of service data, in one form however it was written.
///
/// Short ones (16 and 32 bits) are completed with the Bluetooth base UUID (Core 5.3, vol. 3, part B, 2.5.1); digits are
/// in lower case, as BlueZ writes them.
public struct GATTUUID: Hashable, Sendable, CustomStringConvertible {
    private static let base = "-0000-1000-8000-00805f9b34fb"

    /// The full form in lower case: `00467768-6228-2272-4663-277478268000`.
    public let description: String

    /// Reads 4, 8 or 8-4-4-4-12 hexadecimal digits in either case; `nil` for anything else.
    public init?(_ text: some StringProtocol) {
        let text = text.lowercased()
        let groups = text.split(separator: "-", omittingEmptySubsequences: false).map(\.utf8.count)
        guard text.utf8.allSatisfy({ Self.isDigit($0) || $0 == UInt8(ascii: "-") }) else { return nil }
        switch groups {
        case [4]: self.description = "0000" + text + Self.base
        case [8]: self.description = text + Self.base
        case [8, 4, 4, 4, 12]: self.description = text
        default: return nil
        }
    }

    /// One that the Bluetooth SIG has given a short number.
    public init(short: UInt16) {
        let digits = String(short, radix: 16)
        self.description = String(repeating: "0", count: 8 - digits.count) + digits + Self.base
    }

    /// All 128 bits, the digits as they are read: for the constants of a dialect.
    public init(_ high: UInt64, _ low: UInt64) {
        let digits = Self.digits(high) + Self.digits(low)
        var text = ""
        for (index, digit) in digits.enumerated() {
            if [8, 12, 16, 20].contains(index) { text.append("-") }
            text.append(digit)
        }
        self.description = text
    }

    private static func digits(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): true
        default: false
        }
    }
}
