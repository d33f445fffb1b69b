import FoundationEssentials
import StationCore

/// A mail as it goes over the line (RFC 5322 and MIME, RFC 2045). Made once, so that every try sends the same one.
struct MailText: Sendable {
    /// Without angle brackets; what logs know the mail by.
    let messageID: String
    let bytes: [UInt8]

    init(_ message: MailMessage, from sender: MailAddress, at time: Timestamp) {
        let messageID = "\(UUID().uuidString.lowercased())@\(sender.domain)"
        let header = [
            "From: \(HeaderText.mailbox(sender))",
            "To: \(HeaderText.mailbox(message.to))",
            "Subject: \(HeaderText.unstructured(message.subject))",
            "Date: \(time.mailDate)",
            "Message-ID: <\(messageID)>",
            "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: quoted-printable",
            // Holiday notices and the like are not answered to it (RFC 3834).
            "Auto-Submitted: auto-generated",
        ]
        self.messageID = messageID
        self.bytes = Array((header.joined(separator: "\r\n") + "\r\n\r\n").utf8) + QuotedPrintable.encode(message.text)
    }
}
