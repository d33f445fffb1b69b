/// The eight patterns of which one is laid over the data, so that readers find neither large areas nor what looks like
/// their marks (ISO/IEC 18004, table 10).
enum QRMask: Int, CaseIterable {
    case checkers, rows, columns, diagonals, bricks, grid, knots, waves

    func flips(row: Int, column: Int) -> Bool {
        let product = row * column
        let value =
            switch self {
            case .checkers: (row + column) % 2
            case .rows: row % 2
            case .columns: column % 3
            case .diagonals: (row + column) % 3
            case .bricks: (row / 2 + column / 3) % 2
            case .grid: product % 2 + product % 3
            case .knots: (product % 2 + product % 3) % 2
            case .waves: ((row + column) % 2 + product % 3) % 2
            }
        return value == 0
    }
}
