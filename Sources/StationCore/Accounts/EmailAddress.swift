/// An e-mail address as accounts use it: without blanks around it and in lower case, so that one person has one account.
public struct EmailAddress: Sendable, Hashable, CustomStringConvertible {
    public static let rule = "an e-mail address such as anna@example.com, at most 254 characters"

    public let description: String

    /// `nil` unless mail can be sent to it (`MailAddress`).
    public init?(_ text: String) {
        let start = text.drop { $0 == " " }
        guard let last = start.lastIndex(where: { $0 != " " }) else { return nil }
        do throws(MailFault) {
            self.description = try MailAddress(start[...last].lowercased()).address
        } catch {
            return nil
        }
    }
}
