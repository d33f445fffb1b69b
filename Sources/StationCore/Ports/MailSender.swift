/// The way by which e-mails leave the station; the outbox over SMTP is one. Without a mail server there is none.
public protocol MailSender: Sendable {
    /// Takes a message for delivery. Never waits and never fails: a request must not hang on a mail server, and what
    /// became of a message is known long after its answer.
    func post(_ message: MailMessage)
}
