/// The error correction of QR codes: Reed–Solomon over GF(2⁸) with the polynomial x⁸+x⁴+x³+x²+1 (ISO/IEC 18004,
/// clause 7.5).
struct ReedSolomon {
    /// Without its leading 1, the highest power first.
    private let generator: [UInt8]

    /// - Parameter degree: How many codewords of error correction there are.
    init(degree: Int) {
        var generator = [UInt8](repeating: 0, count: degree)
        generator[degree - 1] = 1
        var root: UInt8 = 1
        // Multiplied by (x - 2⁰), (x - 2¹), …
        for _ in 0..<degree {
            for index in generator.indices {
                generator[index] = Self.product(generator[index], root)
                if index + 1 < degree { generator[index] ^= generator[index + 1] }
            }
            root = Self.product(root, 2)
        }
        self.generator = generator
    }

    /// The remainder of the data, moved up by the degree, divided by the generator.
    func correction(of data: [UInt8]) -> [UInt8] {
        var remainder = [UInt8](repeating: 0, count: self.generator.count)
        for byte in data {
            let factor = byte ^ remainder[0]
            remainder.removeFirst()
            remainder.append(0)
            for index in remainder.indices { remainder[index] ^= Self.product(self.generator[index], factor) }
        }
        return remainder
    }

    static func product(_ one: UInt8, _ other: UInt8) -> UInt8 {
        var result: UInt8 = 0
        for shift in stride(from: 7, through: 0, by: -1) {
            let carry: UInt8 = result & 0x80 == 0 ? 0 : 0x1D
            result = result << 1 ^ carry
            if other >> UInt8(shift) & 1 == 1 { result ^= one }
        }
        return result
    }
}
