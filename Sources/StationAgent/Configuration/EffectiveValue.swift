import StationCore

/// What a setting is, as it may be shown, and who said so.
struct EffectiveValue: Sendable, Hashable {
    let row: ConfigurationRow
    /// Masked if secret.
    let text: String
    let origin: ConfigurationOrigin
    /// The text as it was given, which tells two secrets apart.
    private let given: String

    init(row: ConfigurationRow, text: String, origin: ConfigurationOrigin, given: String) {
        self.row = row
        self.text = text
        self.origin = origin
        self.given = given
    }

    /// The text as it was given, of a secret that somebody gave.
    var secret: Secret? { self.row.isSecret && !self.given.isEmpty ? Secret(self.given) : nil }

    func differs(from other: EffectiveValue) -> Bool {
        self.text != other.text || (self.row.isSecret && self.given != other.given)
    }
}

extension EffectiveValue: CustomStringConvertible, CustomReflectable {
    var description: String { "\(self.row.path)=\(self.text)" }
    /// Keeps `given` out of every dump.
    var customMirror: Mirror { Mirror(self, children: ["row": self.row.path, "text": self.text]) }
}
