import StationCore

/// A mail as an SMTP server of a test got it, decoded by the server's own library.
public struct ReceivedMail: Sendable {
    /// What `MAIL FROM` said.
    public let sender: String
    /// What `RCPT TO` said.
    public let recipients: [String]
    /// Who logged in for it; nil: nobody.
    public let user: String?
    public let isSecure: Bool
    public let headers: [String: String]
    public let text: String
    /// Bytes as they came, each shown as the character with its number.
    public let raw: String

    init?(_ json: JSONValue) {
        guard let sender = json["from"]?.stringValue, let headers = json["headers"]?.objectValue,
            let text = json["text"]?.stringValue, let raw = json["raw"]?.stringValue
        else { return nil }
        self.sender = sender
        self.recipients = json["to"]?.arrayValue?.compactMap(\.stringValue) ?? []
        self.user = json["user"]?.stringValue
        self.isSecure = json["isSecure"] == true
        self.headers = Dictionary(uniqueKeysWithValues: headers.members.map { ($0.key, $0.value.stringValue ?? "") })
        self.text = text
        self.raw = raw
    }
}
