public import StationSocket

/// Where the cloud is and how it is reached (contract 4, contract 7 "cloud").
public struct CloudLinkConfiguration: Sendable {
    /// A name or address; IPv6 without brackets.
    public var host: String
    public var port: Int
    /// Off only for tests and labs (`ws://`). With it, the certificate and its name are always verified.
    public var useTLS: Bool
    /// Authorities besides the system's, PEM. Read anew for each connection.
    public var caFile: String?
    /// The longest pause between two attempts; less than 60 s counts as 60 s.
    public var maxBackoff: Duration
    public var proxy: SocketProxy?

    public init(
        host: String, port: Int, useTLS: Bool = true, caFile: String? = nil, maxBackoff: Duration = .seconds(60),
        proxy: SocketProxy? = nil
    ) {
        self.host = host
        self.port = port
        self.useTLS = useTLS
        self.caFile = caFile
        self.maxBackoff = maxBackoff
        self.proxy = proxy
    }

    /// For people: `cloud.example`, with the port where it is not the usual one.
    var address: String {
        let host = self.host.contains(":") ? "[\(self.host)]" : self.host
        return self.port == self.usualPort ? host : "\(host):\(self.port)"
    }

    var usualPort: Int { self.useTLS ? 443 : 80 }
}
