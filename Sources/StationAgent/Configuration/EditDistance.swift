/// How many characters must be put in, taken out, exchanged or swapped with their neighbours to turn one text into
/// another (optimal string alignment).
enum EditDistance {
    static func between(_ one: some StringProtocol, _ other: some StringProtocol) -> Int {
        let rows = Array(one.unicodeScalars)
        let columns = Array(other.unicodeScalars)
        var beforePrevious: [Int] = []
        var previous = Array(0...columns.count)
        for (row, scalar) in rows.enumerated() {
            var current = [row + 1]
            for (column, otherScalar) in columns.enumerated() {
                let exchange = previous[column] + (scalar == otherScalar ? 0 : 1)
                var best = min(exchange, previous[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, scalar == columns[column - 1], rows[row - 1] == otherScalar {
                    best = min(best, beforePrevious[column - 1] + 1)
                }
                current.append(best)
            }
            beforePrevious = previous
            previous = current
        }
        return previous[columns.count]
    }
}
