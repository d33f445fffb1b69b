/// What can be said of a setting without its Swift type: one line of the table of settings.
struct ConfigurationRow: Sendable, Hashable {
    /// The key in the configuration file, sections separated by dots: `http.port`.
    let path: String
    /// The name in the environment: `PORT`.
    let environmentName: String
    /// What holds if nobody says anything, as documents show it.
    let defaultText: String
    /// The values that are allowed, to be read after “Allowed:”.
    let allowed: String
    /// What the setting is for, one sentence.
    let meaning: String
    /// A secret is masked wherever it is shown, and may come from a file of its own or a systemd credential.
    let isSecret: Bool
    /// Whether SIGHUP takes a new value over; otherwise it waits for the next start.
    let isLive: Bool
    /// The file may give it as a sequence; elsewhere its elements are separated by commas.
    let isList: Bool
    /// Whether an empty text is a value of its own. For all other settings it means “not set”, because that is how
    /// `.env` templates leave out a line.
    let emptyIsValue: Bool

    var components: [String] { self.path.split(separator: ".").map(String.init) }

    /// The variable that names a file with the secret, for secrets only: `JWT_SECRET_FILE`.
    var fileVariable: String? { self.isSecret ? self.environmentName + "_FILE" : nil }

    /// The file in `$CREDENTIALS_DIRECTORY`, for secrets only: `jwt-secret`.
    var credentialName: String? {
        guard self.isSecret else { return nil }
        return String(self.environmentName.lowercased().map { $0 == "_" ? "-" : $0 })
    }

    /// How messages name the setting, so that it is found in the file and in the environment.
    var name: String { "\(self.path) (\(self.environmentName))" }
}
