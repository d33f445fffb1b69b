public import StationCore

/// What `/metrics` tells about e-mails.
public enum MailMetrics {
    /// What became of a mail in the end; the label's values.
    public enum Fate: String, Sendable, Hashable, CaseIterable {
        case delivered
        /// The server does not want it, or cannot be trusted.
        case refused
        /// All of it was sent, and no answer came.
        case unconfirmed
        /// It was not taken while it was worth sending.
        case expired
        /// Newer ones needed its place.
        case displaced
        /// The station stopped first.
        case stopped
    }

    public static let mails = MetricRegistry.Counter(
        "station_mails_total", help: "E-mails by what became of them.", label: "fate")
    public static let retries = MetricRegistry.Counter(
        "station_mail_retries_total", help: "Tries to send an e-mail that failed and were to be repeated.")
}
