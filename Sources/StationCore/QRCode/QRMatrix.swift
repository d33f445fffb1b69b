/// The modules of a QR code while it is drawn: the marks for readers, then data, then the word on its format.
struct QRMatrix {
    let size: Int
    private(set) var modules: [Bool]
    /// Where marks are, and so no data.
    private var isReserved: [Bool]

    /// The marks of a version, with room for format and data.
    init(_ version: QRVersion) {
        self.size = version.size
        self.modules = [Bool](repeating: false, count: self.size * self.size)
        self.isReserved = self.modules
        for index in 0..<self.size {
            self.mark(6, index, index % 2 == 0)
            self.mark(index, 6, index % 2 == 0)
        }
        for (row, column) in [(3, 3), (3, self.size - 4), (self.size - 4, 3)] { self.drawFinder(row, column) }
        let centres = version.alignment
        for row in centres {
            for column in centres where !self.isReserved[row * self.size + column] || row == 6 || column == 6 {
                let isAtFinder =
                    (row == 6 && (column == 6 || column == self.size - 7)) || (row == self.size - 7 && column == 6)
                if !isAtFinder { self.drawAlignment(row, column) }
            }
        }
        self.drawFormat(.checkers)
        if version.number >= 7 { self.drawVersion(version.number) }
    }

    subscript(row: Int, column: Int) -> Bool { self.modules[row * self.size + column] }

    private mutating func mark(_ row: Int, _ column: Int, _ isDark: Bool) {
        guard (0..<self.size).contains(row), (0..<self.size).contains(column) else { return }
        self.modules[row * self.size + column] = isDark
        self.isReserved[row * self.size + column] = true
    }

    /// With the light line around it.
    private mutating func drawFinder(_ row: Int, _ column: Int) {
        for down in -4...4 {
            for right in -4...4 {
                let ring = max(abs(down), abs(right))
                self.mark(row + down, column + right, ring != 2 && ring != 4)
            }
        }
    }

    private mutating func drawAlignment(_ row: Int, _ column: Int) {
        for down in -2...2 {
            for right in -2...2 { self.mark(row + down, column + right, max(abs(down), abs(right)) != 1) }
        }
    }

    // MARK: Words about the code

    /// Says, twice, how much error correction there is and which mask (clause 7.9).
    mutating func drawFormat(_ mask: QRMask) {
        // 00 is M.
        let data = mask.rawValue
        let bits = (data << 10 | Self.remainder(of: data << 10, by: 0x537, length: 11)) ^ 0x5412
        for index in 0..<15 {
            let isDark = bits >> index & 1 == 1
            switch index {
            case 0...5: self.mark(index, 8, isDark)
            case 6...7: self.mark(index + 1, 8, isDark)
            case 8: self.mark(8, 7, isDark)
            default: self.mark(8, 14 - index, isDark)
            }
            if index < 8 {
                self.mark(8, self.size - 1 - index, isDark)
            } else {
                self.mark(self.size - 15 + index, 8, isDark)
            }
        }
        self.mark(self.size - 8, 8, true)
    }

    /// Says, twice, which version it is (clause 7.10).
    private mutating func drawVersion(_ number: Int) {
        let bits = number << 12 | Self.remainder(of: number << 12, by: 0x1F25, length: 13)
        for index in 0..<18 {
            let isDark = bits >> index & 1 == 1
            let (short, long) = (self.size - 11 + index % 3, index / 3)
            self.mark(long, short, isDark)
            self.mark(short, long, isDark)
        }
    }

    /// Of a division of polynomials over GF(2).
    private static func remainder(of value: Int, by divisor: Int, length: Int) -> Int {
        var rest = value
        for shift in stride(from: 18 - length, through: 0, by: -1) where rest >> (shift + length - 1) & 1 == 1 {
            rest ^= divisor << shift
        }
        return rest
    }

    // MARK: Data

    /// Fills in the codewords in their way through the code, under a mask (clause 7.7.3).
    mutating func place(_ codewords: [UInt8], _ mask: QRMask) {
        var bit = 0
        var isUpwards = true
        // Two columns at a time from the right; the one with the timing pattern does not count.
        for right in [Int](stride(from: self.size - 1, to: 6, by: -2)) + [5, 3, 1] {
            for step in 0..<self.size {
                let row = isUpwards ? self.size - 1 - step : step
                for column in [right, right - 1] where !self.isReserved[row * self.size + column] {
                    let isSet = bit < codewords.count * 8 && codewords[bit / 8] >> UInt8(7 - bit % 8) & 1 == 1
                    self.modules[row * self.size + column] = isSet != mask.flips(row: row, column: column)
                    bit += 1
                }
            }
            isUpwards.toggle()
        }
    }
}
