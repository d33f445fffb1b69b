/// How a transfer ended, free of libcurl's types, and what that means for the mail.
struct TransferResult: Sendable, Hashable {
    enum End: Sendable, Hashable {
        case completed
        /// A fault that time does not heal: certificate, missing STARTTLS, wrong password, an option that cannot be.
        case lastingFault
        /// Any other: name service, connection, time-out, an unexpected answer.
        case fault
    }

    let end: End
    /// Whether the server may have the mail: all of it was handed to the library, which ends it by itself.
    let isHandedOver: Bool
    /// The server's last answer; 0 for none.
    let lastAnswer: Int
    /// What a person should know.
    let detail: String

    /// An answer of the server goes before everything else: it alone knows whether it has taken the mail
    /// (RFC 5321, 4.2.1: 4xx may be tried again, 5xx may not).
    var outcome: MailOutcome {
        switch (self.end, self.lastAnswer) {
        case (.completed, _): .delivered
        // The line broke after the answer, before QUIT.
        case (_, 250) where self.isHandedOver: .delivered
        case (_, 400...499): .postponed(self.detail)
        case (_, 500...599), (.lastingFault, _): .refused(self.detail)
        default: self.isHandedOver ? .unconfirmed(self.detail) : .postponed(self.detail)
        }
    }
}
