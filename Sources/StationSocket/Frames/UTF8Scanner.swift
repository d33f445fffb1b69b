/// Checks text that comes in pieces, and fails at the first byte that cannot be (Unicode 16, table 3-7): no over-long
/// forms, no surrogates, nothing beyond U+10FFFF.
struct UTF8Scanner: Sendable {
    /// How many bytes the character under way still lacks.
    private var missing = 0
    /// Which its next byte may be.
    private var lowest: UInt8 = 0x80
    private var highest: UInt8 = 0xBF

    /// Whether the text may end here.
    var isComplete: Bool { self.missing == 0 }

    /// False as soon as a byte cannot be; then the scanner is of no more use.
    mutating func accept(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var index = 0
        while index < bytes.count {
            if self.missing == 0 {
                while index + 8 <= bytes.count,
                    bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
                {
                    index += 8
                }
                guard index < bytes.count else { return true }
            }
            guard self.accept(bytes[index]) else { return false }
            index += 1
        }
        return true
    }

    private mutating func accept(_ byte: UInt8) -> Bool {
        if self.missing > 0 {
            guard byte >= self.lowest, byte <= self.highest else { return false }
            self.expect(self.missing - 1)
            return true
        }
        switch byte {
        case 0x00...0x7F: break
        case 0xC2...0xDF: self.expect(1)
        case 0xE0: self.expect(2, from: 0xA0)
        case 0xED: self.expect(2, to: 0x9F)
        case 0xE1...0xEF: self.expect(2)
        case 0xF0: self.expect(3, from: 0x90)
        case 0xF1...0xF3: self.expect(3)
        case 0xF4: self.expect(3, to: 0x8F)
        default: return false
        }
        return true
    }

    private mutating func expect(_ count: Int, from lowest: UInt8 = 0x80, to highest: UInt8 = 0xBF) {
        self.missing = count
        self.lowest = lowest
        self.highest = highest
    }
}
