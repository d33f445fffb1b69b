/// One fault of the configuration, told so that it can be mended: which setting, what value, where from, what is wrong
/// and what is allowed.
struct ConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The setting by its key and environment name, or the file or unknown key at fault.
    let subject: String
    /// The value as it may be shown: a secret is masked.
    let value: String?
    let origin: ConfigurationOrigin?
    let reason: String
    let allowed: String?

    init(
        subject: String, value: String? = nil, origin: ConfigurationOrigin? = nil, reason: String,
        allowed: String? = nil
    ) {
        self.subject = subject
        self.value = value
        self.origin = origin
        self.reason = reason
        self.allowed = allowed
    }

    /// The value of a setting is not what it ought to be.
    init(row: ConfigurationRow, text: String, origin: ConfigurationOrigin, reason: String) {
        self.init(
            subject: row.name, value: row.isSecret ? ShownText.mask : ShownText.quoted(text), origin: origin,
            reason: reason, allowed: row.allowed)
    }

    var description: String {
        var text = self.subject
        if let value { text += " = \(value)" }
        if let origin { text += ", from \(origin)" }
        text += ": \(self.reason)."
        if let allowed { text += " Allowed: \(allowed)." }
        return text
    }
}
