import Accounts

/// Who may register, and one-time codes.
struct AccountsSection: Sendable, Equatable {
    let registration: AccountSettings.Registration
    let codeLifetime: Duration
    let codeAttempts: Int
    let codeCooldown: Duration

    init(_ values: inout ConfigurationValues) {
        self.registration = values.read(ConfigurationCatalogue.accountsRegistration)
        self.codeLifetime = .seconds(60 * values.read(ConfigurationCatalogue.accountsCodeMinutes))
        self.codeAttempts = values.read(ConfigurationCatalogue.accountsCodeAttempts)
        self.codeCooldown = .seconds(values.read(ConfigurationCatalogue.accountsCodeCooldown))
    }
}
