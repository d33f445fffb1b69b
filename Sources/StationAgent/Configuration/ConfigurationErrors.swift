/// All faults of a configuration at once, so that nobody has to find them one start at a time. The exit code is 78.
struct ConfigurationErrors: Error, Sendable, Hashable, CustomStringConvertible {
    let errors: [ConfigurationError]

    var description: String {
        let count = self.errors.count
        let heading = count == 1 ? "The configuration has a fault:" : "The configuration has \(count) faults:"
        return ([heading] + self.errors.map { "  - \($0)" }).joined(separator: "\n")
    }
}
