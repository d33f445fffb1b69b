import StationCore

/// The way for e-mails, if there is one.
struct SMTPSection: Sendable, Equatable {
    /// May hold a password.
    let url: Secret?
    let from: String?

    init(_ values: inout ConfigurationValues) {
        self.url = values.read(ConfigurationCatalogue.smtpURL)
        self.from = values.read(ConfigurationCatalogue.smtpFrom)
    }
}
