import StationCore
import StationMail

extension ConfigurationValueType where Value == MailServer {
    /// Where e-mails go; the URL may hold a password, so all of it counts as secret.
    static var mailServer: Self {
        Self(
            allowed:
                "smtp://[user:password@]host[:port] (port 587) or smtps://… (465); percent-encoded what of %, /, ? "
                + "and # is in user or password",
            isSecret: true,
            read: { (text) throws(InvalidValue) in
                let address = try URLText(text, schemes: ["smtp", "smtps"])
                guard address.path.isEmpty || address.path == "/" else {
                    throw InvalidValue("it goes on after the host")
                }
                return MailServer(
                    host: address.authority.host, port: address.authority.port.map { UInt16(clamping: $0) },
                    security: address.scheme == "smtps" ? .implicitTLS : .startTLS,
                    credentials: try address.userInfo.map { (text) throws(InvalidValue) in try self.credentials(text) }
                )
            },
            write: { $0.description })
    }

    private static func credentials(_ userInfo: String) throws(InvalidValue) -> MailServer.Credentials {
        guard let colon = userInfo.firstIndex(of: ":"), colon > userInfo.startIndex,
            colon < userInfo.index(before: userInfo.endIndex)
        else { throw InvalidValue("it has only one of user and password") }
        return MailServer.Credentials(
            user: try self.decoded(userInfo[..<colon]),
            password: Secret(try self.decoded(userInfo[userInfo.index(after: colon)...])))
    }

    /// Percent signs undone.
    private static func decoded(_ text: Substring) throws(InvalidValue) -> String {
        // A broken escape and bytes that are no text are told apart, since both look alike in a mask.
        guard Self.hasWholeEscapes(text) else {
            throw InvalidValue("it has a “%” without two hexadecimal digits after it")
        }
        guard let decoded = PercentEncoding.decode(text.utf8, plusIsBlank: false), !decoded.hasControlCharacter else {
            throw InvalidValue("its user or password is not text of one line")
        }
        return decoded
    }

    private static func hasWholeEscapes(_ text: Substring) -> Bool {
        text.split(separator: "%", omittingEmptySubsequences: false).dropFirst()
            .allSatisfy { $0.count >= 2 && $0.prefix(2).allSatisfy(\.isHexDigit) }
    }
}

extension ConfigurationValueType where Value == MailAddress {
    /// The sender of e-mails.
    static var mailbox: Self {
        Self(
            allowed: "name@domain, or: Name <name@domain>",
            read: { (text) throws(InvalidValue) in
                do throws(MailFault) {
                    return try MailAddress(parsing: text)
                } catch {
                    throw InvalidValue("it is not an e-mail address: it \(error.reason)")
                }
            },
            write: { $0.description })
    }
}
