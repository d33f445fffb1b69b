/// How the text of a setting becomes a value and how a value is shown.
struct ConfigurationValueType<Value: Sendable>: Sendable {
    /// The allowed values in words, to be read after “Allowed:”.
    let allowed: String
    let isSecret: Bool
    let isList: Bool
    let emptyIsValue: Bool
    let read: @Sendable (String) throws(InvalidValue) -> Value
    /// The value as text for people; secrets are masked here.
    let write: @Sendable (Value) -> String

    init(
        allowed: String, isSecret: Bool = false, isList: Bool = false, emptyIsValue: Bool = false,
        read: @escaping @Sendable (String) throws(InvalidValue) -> Value,
        write: @escaping @Sendable (Value) -> String
    ) {
        self.allowed = allowed
        self.isSecret = isSecret
        self.isList = isList
        self.emptyIsValue = emptyIsValue
        self.read = read
        self.write = write
    }

    func optional(absent: String) -> ConfigurationValueType<Value?> {
        ConfigurationValueType<Value?>(
            allowed: self.allowed, isSecret: self.isSecret, isList: self.isList, emptyIsValue: self.emptyIsValue,
            read: { (text) throws(InvalidValue) in try self.read(text) },
            write: { $0.map(self.write) ?? absent })
    }
}
