import FoundationEssentials
public import StationCore

/// An HTTP proxy that connects us to a server with CONNECT (RFC 9110, 9.3.6). What goes through is its server's alone
/// when TLS is added.
public struct SocketProxy: Sendable, Equatable {
    /// A name or address; IPv6 without brackets.
    public let host: String
    public let port: Int
    /// The value of `Proxy-Authorization`.
    private let authorization: Secret?

    /// - Parameters:
    ///   - user: For the Basic scheme (RFC 7617); nil for a proxy that asks nobody.
    /// - Throws: `SocketClientError.invalidRequest` for a host, port or login that cannot be.
    public init(
        host: String, port: Int, user: String? = nil, password: Secret = Secret("")
    ) throws(SocketClientError) {
        guard !host.isEmpty, HTTPToken.isTarget("/\(host)".utf8) else {
            throw .invalidRequest("“\(host)” is no host name or address")
        }
        guard (1...65_535).contains(port) else { throw .invalidRequest("port \(port); 1–65535 are allowed") }
        self.host = host
        self.port = port
        guard let user else {
            self.authorization = nil
            return
        }
        guard HTTPToken.isValue(user.utf8), HTTPToken.isValue(password.revealed.utf8), !user.contains(":") else {
            throw .invalidRequest("the login for the proxy has a control character, or its user name a colon")
        }
        let login = Data("\(user):\(password.revealed)".utf8).base64EncodedString()
        self.authorization = Secret("Basic \(login)")
    }

    /// The request for a tunnel as it goes out.
    func head(host: String, port: Int) -> String {
        let target = "\(host.contains(":") ? "[\(host)]" : host):\(port)"
        let login = self.authorization.map { "Proxy-Authorization: \($0.revealed)\r\n" } ?? ""
        return "CONNECT \(target) HTTP/1.1\r\nHost: \(target)\r\n\(login)\r\n"
    }
}

extension SocketProxy: CustomStringConvertible {
    /// Without the login.
    public var description: String {
        "the proxy \(self.host.contains(":") ? "[\(self.host)]" : self.host):\(self.port)"
    }
}
