public import StationCore

/// A server that takes the station's e-mails (SMTP, RFC 5321), and how to reach it.
public struct MailServer: Sendable, Equatable, CustomStringConvertible {
    /// How the connection is kept from others.
    public enum Security: Sendable, Hashable {
        /// TLS from the first byte: `smtps://` (RFC 8314).
        case implicitTLS
        /// `smtp://`: STARTTLS (RFC 3207) before anything else, and no mail if the server does not offer it. On this
        /// machine alone a server without it is taken as it is, since nobody is in between.
        case startTLS
    }

    /// What the server lets the station in with. Sent over TLS only, except on this machine.
    public struct Credentials: Sendable, Equatable {
        public let user: String
        public let password: Secret

        public init(user: String, password: Secret) {
            self.user = user
            self.password = password
        }
    }

    /// A name or an address, IPv6 without brackets.
    public let host: String
    public let port: UInt16
    public let security: Security
    public let credentials: Credentials?
    /// PEM file of the authorities that may have signed the server's certificate; nil means those of the system.
    public var caFile: String?

    /// - Parameter port: nil: the one that submission has (465 with implicit TLS, else 587; RFC 8314).
    public init(
        host: String, port: UInt16? = nil, security: Security, credentials: Credentials? = nil, caFile: String? = nil
    ) {
        self.host = host
        self.port = port ?? (security == .implicitTLS ? 465 : 587)
        self.security = security
        self.credentials = credentials
        self.caFile = caFile
    }

    var mayBeClear: Bool { self.security == .startTLS && HostName.isLoopback(self.host) }

    /// The URL without user and password.
    var url: String {
        let host = self.host.contains(":") ? "[\(self.host)]" : self.host
        return "\(self.security == .implicitTLS ? "smtps" : "smtp")://\(host):\(self.port)"
    }

    /// The URL, user and password masked if there are any.
    public var description: String {
        self.credentials == nil ? self.url : self.url.replacing("://", with: "://•••@", maxReplacements: 1)
    }
}
