/// Reads settings out of the sources and gathers what is wrong with them.
///
/// A setting at fault takes its default for the time being, so that the others are looked at too; nobody gets to see a
/// configuration with errors.
struct ConfigurationValues {
    private let sources: ConfigurationSources
    let surroundings: ProcessSurroundings
    private(set) var errors: [ConfigurationError]
    private(set) var effective: [EffectiveValue] = []

    init(sources: ConfigurationSources, surroundings: ProcessSurroundings) {
        self.sources = sources
        self.surroundings = surroundings
        self.errors = sources.errors
    }

    mutating func read<Value>(_ key: ConfigurationKey<Value>) -> Value {
        self.read(key, otherwise: key.fallback)
    }

    /// A setting that may be absent, with the value that the surroundings suggest.
    mutating func read<Value>(_ key: ConfigurationKey<Value?>, deriving derived: Value) -> Value {
        self.read(key, otherwise: .some(derived)) ?? derived
    }

    private mutating func read<Value>(_ key: ConfigurationKey<Value>, otherwise fallback: Value) -> Value {
        let found = self.sources.value(of: key.row)
        guard let found, let given = self.cleaned(found.text, key.row) else {
            self.note(key, fallback, .builtIn, given: "")
            return fallback
        }
        do throws(InvalidValue) {
            let value = try key.type.read(given)
            self.note(key, value, found.origin, given: given)
            return value
        } catch {
            self.errors.append(
                ConfigurationError(row: key.row, text: given, origin: found.origin, reason: error.reason))
            return fallback
        }
    }

    /// Blanks around a value are an accident of the file's format, except in a secret. Nil if nothing is left.
    private func cleaned(_ text: String, _ row: ConfigurationRow) -> String? {
        let text = row.isSecret ? text : text.trimmed
        return text.isEmpty && !row.emptyIsValue ? nil : text
    }

    private mutating func note<Value>(
        _ key: ConfigurationKey<Value>, _ value: Value, _ origin: ConfigurationOrigin, given: String
    ) {
        self.effective.append(
            EffectiveValue(row: key.row, text: key.type.write(value), origin: origin, given: given))
    }

    /// Settings that do not go together. `row` is the one to mend.
    mutating func fault(_ row: ConfigurationRow, _ reason: String, allowed: String) {
        let given = self.effective.first { $0.row == row && $0.origin != .builtIn }
        self.errors.append(
            ConfigurationError(
                subject: row.name, value: given?.text, origin: given?.origin, reason: reason, allowed: allowed))
    }

    func origin(of row: ConfigurationRow) -> ConfigurationOrigin? {
        self.effective.first { $0.row == row }?.origin
    }
}
