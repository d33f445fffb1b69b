/// Arithmetic modulo one large odd number, with Montgomery's multiplication: all that SRP needs of big integers.
///
/// Words are 64 bits, the least significant first. A power takes the same multiplications whatever its exponent's bits
/// are, because exponents are secrets.
struct MontgomeryField: Sendable {
    private let modulus: [UInt64]
    /// −1/modulus modulo 2⁶⁴.
    private let inverse: UInt64
    /// R² modulo the modulus, where R is 2 to the bits of the modulus: what brings a number into Montgomery's form.
    private let square: [UInt64]

    /// - Parameter modulus: Most significant word first; odd, and its highest bit is set.
    init(modulus: [UInt64]) {
        let words = Array(modulus.reversed())
        self.modulus = words
        var inverse: UInt64 = 1
        // Newton's iteration: each round doubles the bits that are right.
        for _ in 0..<6 { inverse &*= 2 &- (words.first ?? 1) &* inverse }
        self.inverse = 0 &- inverse
        // R − modulus is R modulo the modulus, for its highest bit is set; then doubled as often as R has bits.
        var square = Self.difference([UInt64](repeating: 0, count: words.count), words).words
        for _ in 0..<(words.count * 64) { square = Self.sum(square, square, modulo: words) }
        self.square = square
    }

    var modulusBytes: [UInt8] { Self.bytes(self.modulus) }

    /// The number modulo the modulus, from and to big-endian bytes; `nil` for more bytes than the modulus has.
    func reduced(_ bytes: [UInt8]) -> [UInt8]? {
        self.words(bytes).map { Self.bytes($0) }
    }

    /// `base` to the power of `exponent`.
    func power(_ base: [UInt8], _ exponent: [UInt8]) -> [UInt8]? {
        guard let base = self.words(base) else { return nil }
        var low = self.product(Self.one(self.modulus.count), self.square)
        var high = self.product(base, self.square)
        for byte in exponent {
            for shift in stride(from: 7, through: 0, by: -1) {
                let isSet = byte >> UInt8(shift) & 1 == 1
                let middle = self.product(low, high)
                let doubled = self.product(isSet ? high : low, isSet ? high : low)
                low = isSet ? middle : doubled
                high = isSet ? doubled : middle
            }
        }
        return Self.bytes(self.product(low, Self.one(self.modulus.count)))
    }

    func product(_ one: [UInt8], _ other: [UInt8]) -> [UInt8]? {
        guard let one = self.words(one), let other = self.words(other) else { return nil }
        return Self.bytes(self.product(self.product(one, self.square), other))
    }

    func sum(_ one: [UInt8], _ other: [UInt8]) -> [UInt8]? {
        guard let one = self.words(one), let other = self.words(other) else { return nil }
        return Self.bytes(Self.sum(one, other, modulo: self.modulus))
    }

    func difference(_ one: [UInt8], _ other: [UInt8]) -> [UInt8]? {
        guard let one = self.words(one), let other = self.words(other) else { return nil }
        let plain = Self.difference(one, other)
        return Self.bytes(plain.borrows ? Self.wrappingSum(plain.words, self.modulus).words : plain.words)
    }

    // MARK: - Words

    /// Montgomery's product: one × other / R, modulo the modulus.
    private func product(_ one: [UInt64], _ other: [UInt64]) -> [UInt64] {
        let count = self.modulus.count
        var result = [UInt64](repeating: 0, count: count + 2)
        result.withUnsafeMutableBufferPointer { result in
            self.modulus.withUnsafeBufferPointer { modulus in
                other.withUnsafeBufferPointer { other in
                    for word in one {
                        Self.multiply(other, by: word, into: result)
                        Self.multiply(modulus, by: result[0] &* self.inverse, into: result)
                        for index in 0...count { result[index] = result[index + 1] }
                        result[count + 1] = 0
                    }
                }
            }
        }
        let words = Array(result[..<count])
        let reduced = Self.difference(words, self.modulus)
        return result[count] == 0 && reduced.borrows ? words : reduced.words
    }

    /// Adds `words` × `factor` to `result`, which has two words more.
    private static func multiply(
        _ words: UnsafeBufferPointer<UInt64>, by factor: UInt64, into result: UnsafeMutableBufferPointer<UInt64>
    ) {
        var carry: UInt64 = 0
        for index in 0..<words.count {
            let (high, low) = words[index].multipliedFullWidth(by: factor)
            let (first, firstCarries) = low.addingReportingOverflow(carry)
            let (second, secondCarries) = first.addingReportingOverflow(result[index])
            result[index] = second
            carry = high &+ (firstCarries ? 1 : 0) &+ (secondCarries ? 1 : 0)
        }
        let (last, carries) = result[words.count].addingReportingOverflow(carry)
        result[words.count] = last
        result[words.count + 1] &+= carries ? 1 : 0
    }

    /// Reduces while reading: one subtraction is enough, for the modulus has its highest bit set.
    private func words(_ bytes: [UInt8]) -> [UInt64]? {
        let count = self.modulus.count
        guard bytes.count <= count * 8 else { return nil }
        var words = [UInt64](repeating: 0, count: count)
        for (index, byte) in bytes.reversed().enumerated() { words[index / 8] |= UInt64(byte) << UInt64(index % 8 * 8) }
        let reduced = Self.difference(words, self.modulus)
        return reduced.borrows ? words : reduced.words
    }

    private static func bytes(_ words: [UInt64]) -> [UInt8] {
        words.reversed().flatMap { word in
            stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: word >> UInt64($0)) }
        }
    }

    private static func one(_ count: Int) -> [UInt64] {
        [1] + [UInt64](repeating: 0, count: count - 1)
    }

    private static func sum(_ one: [UInt64], _ other: [UInt64], modulo modulus: [UInt64]) -> [UInt64] {
        let plain = Self.wrappingSum(one, other)
        let reduced = Self.difference(plain.words, modulus)
        return plain.carries || !reduced.borrows ? reduced.words : plain.words
    }

    private static func wrappingSum(_ one: [UInt64], _ other: [UInt64]) -> (words: [UInt64], carries: Bool) {
        var words = one
        var carries = false
        for index in words.indices {
            let (first, firstCarries) = words[index].addingReportingOverflow(other[index])
            let (second, secondCarries) = first.addingReportingOverflow(carries ? 1 : 0)
            words[index] = second
            carries = firstCarries || secondCarries
        }
        return (words, carries)
    }

    private static func difference(_ one: [UInt64], _ other: [UInt64]) -> (words: [UInt64], borrows: Bool) {
        var words = one
        var borrows = false
        for index in words.indices {
            let (first, firstBorrows) = words[index].subtractingReportingOverflow(other[index])
            let (second, secondBorrows) = first.subtractingReportingOverflow(borrows ? 1 : 0)
            words[index] = second
            borrows = firstBorrows || secondBorrows
        }
        return (words, borrows)
    }
}
