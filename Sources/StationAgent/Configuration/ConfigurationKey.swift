/// A setting with its Swift type: its line in the table, how its text is read, and what holds without one.
struct ConfigurationKey<Value: Sendable>: Sendable {
    let row: ConfigurationRow
    let type: ConfigurationValueType<Value>
    let fallback: Value

    /// A setting that always has a value.
    init(
        _ path: String, _ environmentName: String, _ type: ConfigurationValueType<Value>, default fallback: Value,
        isLive: Bool = false, _ meaning: String
    ) {
        self.row = ConfigurationRow(
            path: path, environmentName: environmentName, defaultText: type.write(fallback), allowed: type.allowed,
            meaning: meaning, isSecret: type.isSecret, isLive: isLive, isList: type.isList,
            emptyIsValue: type.emptyIsValue)
        self.type = type
        self.fallback = fallback
    }

    /// A setting that may be absent; `absent` says in words what holds then.
    init<Wrapped>(
        _ path: String, _ environmentName: String, _ type: ConfigurationValueType<Wrapped>, absent: String,
        isLive: Bool = false, _ meaning: String
    ) where Value == Wrapped? {
        self.row = ConfigurationRow(
            path: path, environmentName: environmentName, defaultText: absent, allowed: type.allowed,
            meaning: meaning, isSecret: type.isSecret, isLive: isLive, isList: type.isList,
            emptyIsValue: type.emptyIsValue)
        self.type = type.optional(absent: absent)
        self.fallback = nil
    }
}
