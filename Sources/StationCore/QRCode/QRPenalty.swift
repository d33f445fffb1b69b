/// How hard a code is to read for a camera: the mask that makes the least of it is taken (ISO/IEC 18004, clause 7.8.3).
struct QRPenalty {
    private let matrix: QRMatrix

    init(_ matrix: QRMatrix) {
        self.matrix = matrix
    }

    var total: Int { self.lines + self.squares + self.balance }

    /// Long runs of one colour, and what looks like a finder, along rows and columns.
    private var lines: Int {
        (0..<self.matrix.size).reduce(0) { sum, index in
            let row = (0..<self.matrix.size).map { self.matrix[index, $0] }
            let column = (0..<self.matrix.size).map { self.matrix[$0, index] }
            return sum + Self.runs(row) + Self.runs(column) + Self.finders(row) + Self.finders(column)
        }
    }

    private static func runs(_ line: [Bool]) -> Int {
        var penalty = 0
        var length = 0
        for (index, isDark) in line.enumerated() {
            length = index > 0 && line[index - 1] == isDark ? length + 1 : 1
            if length == 5 { penalty += 3 } else if length > 5 { penalty += 1 }
        }
        return penalty
    }

    private static let finder = [true, false, true, true, true, false, true]

    /// 1:1:3:1:1 with four light modules on one side.
    private static func finders(_ line: [Bool]) -> Int {
        guard line.count >= 11 else { return 0 }
        return (0...line.count - 11).reduce(0) { sum, start in
            let window = line[start..<start + 11]
            let isOne =
                window.starts(with: Self.finder + [false, false, false, false])
                || window.starts(with: [false, false, false, false] + Self.finder)
            return isOne ? sum + 40 : sum
        }
    }

    /// Squares of 2 × 2 in one colour.
    private var squares: Int {
        var penalty = 0
        for row in 1..<self.matrix.size {
            for column in 1..<self.matrix.size {
                let isDark = self.matrix[row, column]
                let isSquare =
                    self.matrix[row - 1, column] == isDark && self.matrix[row, column - 1] == isDark
                    && self.matrix[row - 1, column - 1] == isDark
                if isSquare { penalty += 3 }
            }
        }
        return penalty
    }

    /// How far from one half the dark share is, in steps of 5 %.
    private var balance: Int {
        let all = self.matrix.modules.count
        let dark = self.matrix.modules.count { $0 }
        return abs(dark * 20 - all * 10) / all * 10
    }
}
