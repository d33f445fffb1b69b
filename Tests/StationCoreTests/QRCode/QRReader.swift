/// Reads a QR code back, made from the standard (ISO/IEC 18004) without looking at the encoder: polynomials by tables,
/// the order of the modules by walking, the blocks by their numbers.
struct QRReader {
    enum Fault: Error, Equatable {
        case size, timing, format, version, correction, mode, length
    }

    /// For error correction M: codewords of correction in a block, and data codewords of each block.
    private static let blocks: [(correction: Int, data: [Int])] = [
        (10, [16]), (16, [28]), (26, [44]), (18, [32, 32]), (24, [43, 43]), (16, [27, 27, 27, 27]),
        (18, [31, 31, 31, 31]), (22, [38, 38, 39, 39]), (22, [36, 36, 36, 37, 37]), (26, [43, 43, 43, 43, 44]),
    ]
    /// Annex E.
    private static let alignment: [[Int]] = [
        [], [6, 18], [6, 22], [6, 26], [6, 30], [6, 34], [6, 22, 38], [6, 24, 42], [6, 26, 46], [6, 28, 50],
    ]
    /// Table C.1 for M: masks 0–7.
    private static let formats = [0x5412, 0x5125, 0x5E7C, 0x5B4B, 0x45F9, 0x40CE, 0x4F97, 0x4AA0]
    /// Table D.1, from version 7 on.
    private static let versions = [0x07C94, 0x085BC, 0x09A99, 0x0A4D3]

    private let rows: [[Bool]]
    private let version: Int

    private var size: Int { self.rows.count }

    static func bytes(_ rows: [[Bool]]) throws(Fault) -> [UInt8] {
        let reader = try QRReader(rows)
        return try reader.bytes()
    }

    private init(_ rows: [[Bool]]) throws(Fault) {
        guard rows.allSatisfy({ $0.count == rows.count }), (rows.count - 17) % 4 == 0,
            (1...10).contains((rows.count - 17) / 4)
        else { throw .size }
        self.rows = rows
        self.version = (rows.count - 17) / 4
        for index in 8..<rows.count - 8 where rows[6][index] != (index % 2 == 0) || rows[index][6] != (index % 2 == 0) {
            throw .timing
        }
    }

    private func bytes() throws(Fault) -> [UInt8] {
        let mask = try self.mask()
        try self.checkVersion()
        var data = try self.data(self.codewords(mask)).flatMap { byte in (0..<8).map { byte >> (7 - $0) & 1 } }[...]
        func take(_ count: Int) throws(Fault) -> Int {
            guard data.count >= count else { throw .length }
            defer { data = data.dropFirst(count) }
            return data.prefix(count).reduce(0) { $0 << 1 | Int($1) }
        }
        guard try take(4) == 4 else { throw .mode }
        let count = try take(self.version < 10 ? 8 : 16)
        var bytes: [UInt8] = []
        for _ in 0..<count { bytes.append(UInt8(try take(8))) }
        // What is left: the terminator, then 236 and 17 in turn.
        _ = try take(min(4, data.count))
        _ = try take(data.count % 8)
        var filler = 236
        while !data.isEmpty {
            guard try take(8) == filler else { throw .length }
            filler = 253 - filler
        }
        return bytes
    }

    /// Both copies must say the same.
    private func mask() throws(Fault) -> Int {
        let last = self.size - 1
        let one = [
            (8, 0), (8, 1), (8, 2), (8, 3), (8, 4), (8, 5), (8, 7), (8, 8), (7, 8), (5, 8), (4, 8), (3, 8), (2, 8),
            (1, 8), (0, 8),
        ]
        let other = (0..<7).map { (last - $0, 8) } + (0..<8).map { (8, last - 7 + $0) }
        let words = [one, other].map { places in places.reduce(0) { $0 << 1 | (self.rows[$1.0][$1.1] ? 1 : 0) } }
        guard words[0] == words[1], self.rows[last - 7][8], let mask = Self.formats.firstIndex(of: words[0]) else {
            throw .format
        }
        return mask
    }

    private func checkVersion() throws(Fault) {
        guard self.version >= 7 else { return }
        let wanted = Self.versions[self.version - 7]
        for index in 0..<18 {
            let isDark = wanted >> index & 1 == 1
            let (near, far) = (index / 3, self.size - 11 + index % 3)
            guard self.rows[near][far] == isDark, self.rows[far][near] == isDark else { throw .version }
        }
    }

    private func isData(_ row: Int, _ column: Int) -> Bool {
        let last = self.size - 1
        if row == 6 || column == 6 { return false }
        if row < 9, column < 9 || column > last - 8 { return false }
        if row > last - 8, column < 9 { return false }
        if self.version >= 7, row < 6 && column > last - 11 || column < 6 && row > last - 11 { return false }
        let centres = Self.alignment[self.version - 1]
        for centreRow in centres {
            for centreColumn in centres {
                let isCorner =
                    (centreRow, centreColumn) == (6, 6) || (centreRow, centreColumn) == (6, last - 6)
                    || (centreRow, centreColumn) == (last - 6, 6)
                if !isCorner, abs(row - centreRow) < 3, abs(column - centreColumn) < 3 { return false }
            }
        }
        return true
    }

    private static func isFlipped(_ mask: Int, _ i: Int, _ j: Int) -> Bool {
        switch mask {
        case 0: (i + j) % 2 == 0
        case 1: i % 2 == 0
        case 2: j % 3 == 0
        case 3: (i + j) % 3 == 0
        case 4: (i / 2 + j / 3) % 2 == 0
        case 5: (i * j) % 2 + (i * j) % 3 == 0
        case 6: ((i * j) % 2 + (i * j) % 3) % 2 == 0
        default: ((i * j) % 3 + (i + j) % 2) % 2 == 0
        }
    }

    private func codewords(_ mask: Int) -> [UInt8] {
        var bits: [Bool] = []
        var column = self.size - 1
        var isUpwards = true
        while column > 0 {
            if column == 6 { column -= 1 }
            for step in 0..<self.size {
                let row = isUpwards ? self.size - 1 - step : step
                for place in [column, column - 1] where self.isData(row, place) {
                    bits.append(self.rows[row][place] != Self.isFlipped(mask, row, place))
                }
            }
            column -= 2
            isUpwards = !isUpwards
        }
        return stride(from: 0, through: bits.count - 8, by: 8).map { start in
            bits[start..<start + 8].reduce(0) { $0 << 1 | ($1 ? 1 : 0) }
        }
    }

    /// Takes the blocks apart; each must be without a fault.
    private func data(_ codewords: [UInt8]) throws(Fault) -> [UInt8] {
        let (correction, lengths) = Self.blocks[self.version - 1]
        var blocks = lengths.map { _ in [UInt8]() }
        var rest = codewords[...]
        for index in 0..<(lengths.max() ?? 0) {
            for block in lengths.indices where index < lengths[block] { blocks[block].append(rest.removeFirst()) }
        }
        for _ in 0..<correction {
            for block in lengths.indices { blocks[block].append(rest.removeFirst()) }
        }
        for block in blocks {
            for power in 0..<correction where Self.value(of: block, atPowerOfTwo: power) != 0 { throw .correction }
        }
        return zip(blocks, lengths).flatMap { block, length in block.prefix(length) }
    }

    private static let powers: [Int] = {
        var powers = [1]
        while powers.count < 255 {
            let next = (powers.last ?? 0) * 2
            powers.append(next > 255 ? next ^ 285 : next)
        }
        return powers
    }()

    /// The block as a polynomial, by Horner: zero wherever the generator is.
    private static func value(of block: [UInt8], atPowerOfTwo power: Int) -> Int {
        block.reduce(0) { sum, byte in
            let logarithm = Self.powers.firstIndex(of: sum)
            return (logarithm.map { Self.powers[($0 + power) % 255] } ?? 0) ^ Int(byte)
        }
    }
}
