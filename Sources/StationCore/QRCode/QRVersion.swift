/// A size of QR codes with error correction M: how much fits and how it is divided (ISO/IEC 18004, tables 7 and 9).
struct QRVersion: Sendable, Equatable {
    /// 1–10.
    let number: Int
    /// Codewords of error correction in each block.
    let correction: Int
    /// How many data codewords each block has.
    let blocks: [Int]

    private init(_ number: Int, _ correction: Int, _ groups: [(count: Int, length: Int)]) {
        self.number = number
        self.correction = correction
        self.blocks = groups.flatMap { Array(repeating: $0.length, count: $0.count) }
    }

    /// The smallest first.
    static let all: [QRVersion] = [
        QRVersion(1, 10, [(1, 16)]), QRVersion(2, 16, [(1, 28)]), QRVersion(3, 26, [(1, 44)]),
        QRVersion(4, 18, [(2, 32)]), QRVersion(5, 24, [(2, 43)]), QRVersion(6, 16, [(4, 27)]),
        QRVersion(7, 18, [(4, 31)]), QRVersion(8, 22, [(2, 38), (2, 39)]), QRVersion(9, 22, [(3, 36), (2, 37)]),
        QRVersion(10, 26, [(4, 43), (1, 44)]),
    ]

    /// Modules along one side.
    var size: Int { 17 + 4 * self.number }
    var dataCodewords: Int { self.blocks.reduce(0, +) }
    /// Of the number that says how many bytes there are.
    var lengthBits: Int { self.number < 10 ? 8 : 16 }
    /// The most bytes that fit, behind the mode and the length.
    var capacity: Int { (self.dataCodewords * 8 - 4 - self.lengthBits) / 8 }

    /// Rows and columns in which the centres of alignment patterns are (annex E).
    var alignment: [Int] {
        guard self.number > 1 else { return [] }
        let last = self.size - 7
        guard self.number > 6 else { return [6, last] }
        return [6, (6 + last) / 2, last]
    }

    /// The data with its error correction, the blocks interleaved (clause 7.6).
    func interleaved(_ data: [UInt8]) -> [UInt8] {
        let code = ReedSolomon(degree: self.correction)
        var start = 0
        var parts: [(data: [UInt8], correction: [UInt8])] = []
        for length in self.blocks {
            let block = Array(data[start..<start + length])
            parts.append((block, code.correction(of: block)))
            start += length
        }
        var codewords: [UInt8] = []
        for index in 0..<(self.blocks.max() ?? 0) {
            for part in parts where index < part.data.count { codewords.append(part.data[index]) }
        }
        for index in 0..<self.correction {
            for part in parts { codewords.append(part.correction[index]) }
        }
        return codewords
    }
}
