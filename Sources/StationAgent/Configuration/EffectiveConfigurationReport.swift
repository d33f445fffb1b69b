/// What the `config` command prints: every setting, its value and where it came from, secrets masked.
struct EffectiveConfigurationReport: CustomStringConvertible {
    private let values: [EffectiveValue]

    init(_ configuration: AgentConfiguration) {
        self.values = configuration.effective
    }

    /// Three columns, one line a setting.
    var description: String {
        let rows = [["SETTING", "VALUE", "FROM"]] + self.values.map { [$0.row.path, $0.text, $0.origin.description] }
        // One long value must not push all origins out of sight.
        let widths = (0..<2).map { column in min(rows.map { $0[column].count }.max() ?? 0, 48) }
        return rows.map { row in
            let padded = zip(row, widths).map { text, width in
                text + String(repeating: " ", count: max(width - text.count, 0))
            }
            return (padded + [row[2]]).joined(separator: "  ")
        }.joined(separator: "\n")
    }
}
