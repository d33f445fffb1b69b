import StationCore
import StationMail

/// The way for e-mails, if there is one.
struct SMTPSection: Sendable, Equatable {
    /// Nil: no e-mail.
    let server: MailServer?
    let sender: MailAddress?

    init(_ values: inout ConfigurationValues) {
        let faults = values.errors.count
        var server = values.read(ConfigurationCatalogue.smtpURL)
        self.sender = values.read(ConfigurationCatalogue.smtpFrom)
        let caFile = values.read(ConfigurationCatalogue.smtpCAFile)
        server?.caFile = caFile
        self.server = server
        // A sender that is named but unusable has been reported already; it is not missing.
        if server != nil, self.sender == nil, values.errors.count == faults {
            values.fault(
                ConfigurationCatalogue.smtpFrom.row,
                "it is missing, but \(ConfigurationCatalogue.smtpURL.row.name) is there",
                allowed: "name@domain, or: Name <name@domain>")
        }
    }
}
