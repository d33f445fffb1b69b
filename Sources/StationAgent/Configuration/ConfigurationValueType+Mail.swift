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

    /// Percent signs undone (RFC 3986, 2.1).
    private static func decoded(_ text: Substring) throws(InvalidValue) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let value = rest.popFirst().flatMap(self.hexDigit), let low = rest.popFirst().flatMap(self.hexDigit)
            else { throw InvalidValue("it has a “%” without two hexadecimal digits after it") }
            bytes.append(value << 4 | low)
        }
        guard let decoded = String(validating: bytes, as: UTF8.self), !decoded.hasControlCharacter else {
            throw InvalidValue("its user or password is not text of one line")
        }
        return decoded
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        byte < 0x80 ? Character(Unicode.Scalar(byte)).hexDigitValue.map { UInt8($0) } : nil
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
