/// An e-mail that the station wants to send: plain text to one person, worth sending for so long.
///
/// Subject and text may hold a code that lets somebody in, so they appear in no description and no dump.
public struct MailMessage: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    private static let longestSubject = 200
    private static let longestText = 65_536

    public let to: MailAddress
    public let subject: String
    /// Lines end with LF or CRLF.
    public let text: String
    /// How long after posting it is worth sending; a code that has expired would only confuse.
    public let goodFor: Duration

    /// - Throws: `MailFault` for a subject or text that no mail can carry, a line end in the subject above all: it would
    ///   let whoever wrote that part add headers.
    public init(to: MailAddress, subject: String, text: String, goodFor: Duration) throws(MailFault) {
        guard (1...Self.longestSubject).contains(subject.unicodeScalars.count) else {
            throw .subject(subject.isEmpty ? "is empty" : "has \(subject.unicodeScalars.count) characters")
        }
        guard !subject.hasMailControl else { throw .subject("has a control character or a line end in it") }
        guard (1...Self.longestText).contains(text.utf8.count) else {
            throw .text(text.isEmpty ? "is empty" : "has \(text.utf8.count) bytes")
        }
        guard !text.utf8.contains(0) else { throw .text("has a NUL in it") }
        self.to = to
        self.subject = subject
        self.text = text
        self.goodFor = goodFor
    }

    public var description: String { "an e-mail to \(self.to.masked)" }
    public var debugDescription: String { self.description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
