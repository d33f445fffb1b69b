/// A QR code (ISO/IEC 18004): bytes as a square of dark and light modules that a camera can read.
///
/// Byte mode, error correction M, versions 1–10: up to 213 bytes, which is what a station has to show.
public struct QRCode: Sendable, Equatable {
    /// The most bytes that fit.
    public static let capacity = QRVersion.all.last?.capacity ?? 0
    /// The light frame that readers want around the code, in modules.
    static let quietZone = 4

    /// Modules along one side.
    public let size: Int
    /// Row by row from the top left; true is dark.
    let modules: [Bool]

    /// `nil` for a text of more than `capacity` bytes in UTF-8.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard let version = QRVersion.all.first(where: { $0.capacity >= bytes.count }) else { return nil }
        let codewords = version.interleaved(Self.dataCodewords(bytes, version))
        let blank = QRMatrix(version)
        var best: (matrix: QRMatrix, penalty: Int)?
        for mask in QRMask.allCases {
            var matrix = blank
            matrix.place(codewords, mask)
            matrix.drawFormat(mask)
            let penalty = QRPenalty(matrix).total
            if best.map({ penalty < $0.penalty }) ?? true { best = (matrix, penalty) }
        }
        guard let best else { return nil }
        self.size = version.size
        self.modules = best.matrix.modules
    }

    /// Whether the module in this row and column is dark.
    public subscript(row: Int, column: Int) -> Bool {
        self.modules[row * self.size + column]
    }

    /// Mode, length, bytes, and what fills the rest (clause 7.4).
    static func dataCodewords(_ bytes: [UInt8], _ version: QRVersion) -> [UInt8] {
        var bits = QRBits()
        bits.append(0b0100, length: 4)
        bits.append(bytes.count, length: version.lengthBits)
        for byte in bytes { bits.append(Int(byte), length: 8) }
        let room = version.dataCodewords * 8
        bits.append(0, length: min(4, room - bits.count))
        bits.append(0, length: (8 - bits.count % 8) % 8)
        var codewords = bits.bytes
        while codewords.count < version.dataCodewords {
            codewords.append(codewords.count % 2 == bits.bytes.count % 2 ? 0xEC : 0x11)
        }
        return codewords
    }

    /// The code as an SVG image with its quiet zone; dark on light whatever it is shown on.
    public var svg: String {
        let side = self.size + 2 * Self.quietZone
        var path = ""
        for row in 0..<self.size {
            var column = 0
            while column < self.size {
                let start = column
                while column < self.size, self[row, column] { column += 1 }
                if column > start {
                    path += "M\(start + Self.quietZone) \(row + Self.quietZone)h\(column - start)v1h-\(column - start)z"
                }
                column += 1
            }
        }
        return """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(side) \(side)" shape-rendering="crispEdges">\
            <rect width="\(side)" height="\(side)" fill="#fff"/><path d="\(path)" fill="#000"/></svg>
            """
    }
}
