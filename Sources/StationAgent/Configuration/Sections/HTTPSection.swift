/// Where the HTTP API listens and how it is reached.
struct HTTPSection: Sendable, Equatable {
    /// IPv6 without brackets.
    let host: String
    /// 0: any free one.
    let port: Int
    let tls: TLSSection?
    /// In the form in which browsers send them.
    let corsOrigins: [String]
    /// By which names the API may be spoken to, besides `localhost` and the machine's addresses.
    let names: [String]
    private let givenPublicURL: String?
    /// The machine's name on the LAN.
    let localName: String

    init(_ values: inout ConfigurationValues) {
        self.host = values.read(ConfigurationCatalogue.httpHost)
        let port = values.read(ConfigurationCatalogue.httpPort)
        let tls = TLSSection.read(&values)
        let localName = values.surroundings.localName
        let derived = Self.derivedURL(localName, port: port, usesTLS: tls != nil)
        let url = values.read(ConfigurationCatalogue.httpPublicURL, deriving: derived)
        self.names =
            [values.surroundings.hostName.lowercased(), localName, self.host] + [Self.host(of: url)].compactMap(\.self)
        self.givenPublicURL = values.origin(of: ConfigurationCatalogue.httpPublicURL.row) == .builtIn ? nil : url
        self.corsOrigins = values.read(ConfigurationCatalogue.httpCORSOrigins)
        self.port = port
        self.tls = tls
        self.localName = localName
    }

    /// The URL under which devices and browsers reach the station, without a slash at its end.
    ///
    /// - Parameter boundPort: the port on which the API really listens, if it is not the one of the configuration.
    func publicURL(boundPort: Int? = nil) -> String {
        self.givenPublicURL
            ?? Self.derivedURL(self.localName, port: boundPort ?? self.port, usesTLS: self.tls != nil)
    }

    /// Whether nobody else on the LAN can reach it, unless a service manager hands over other sockets.
    var isForThisMachineOnly: Bool {
        self.host == "localhost" || self.host == "::1" || self.host.hasPrefix("127.")
    }

    private static func host(of url: String) -> String? {
        // A faulty URL is reported as such.
        try? URLText(url).authority.host
    }

    private static func derivedURL(_ host: String, port: Int, usesTLS: Bool) -> String {
        let isImplied = port == 0 || port == (usesTLS ? 443 : 80)
        return "\(usesTLS ? "https" : "http")://\(host)\(isImplied ? "" : ":\(port)")"
    }
}
