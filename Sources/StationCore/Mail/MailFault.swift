/// Why something cannot be part of an e-mail. The text is for people and never contains what was wrong.
public enum MailFault: Error, Sendable, Hashable, CustomStringConvertible {
    case address(String)
    case name(String)
    case subject(String)
    case text(String)

    /// What is wrong, to be read after the name of the thing.
    public var reason: String {
        switch self {
        case .address(let reason), .name(let reason), .subject(let reason), .text(let reason): reason
        }
    }

    public var description: String {
        switch self {
        case .address: "The e-mail address \(self.reason). Allowed: name@domain in ASCII."
        case .name: "The name beside the e-mail address \(self.reason). Allowed: 1–100 characters on one line."
        case .subject: "The subject of the e-mail \(self.reason). Allowed: 1–200 characters on one line."
        case .text: "The text of the e-mail \(self.reason). Allowed: 1–65536 bytes without NUL."
        }
    }
}
