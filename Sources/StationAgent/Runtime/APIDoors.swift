import Glibc
import LocalAPI
import Logging
import StationCore

/// What decides who reaches the HTTP API and how: sockets, TLS, names, web origins; the last two can change live.
struct APIDoors: Sendable {
    let inherited: InheritedSockets
    let identity: ServedIdentity?
    let names: StationNames
    let origins: AllowedOrigins

    /// Takes over systemd's sockets, and reads the certificate.
    ///
    /// - Throws: `TLSFiles.Fault`.
    init(_ http: HTTPSection, environment: [String: String], at time: Timestamp, logger: Logger) throws(TLSFiles.Fault)
    {
        self.inherited = InheritedSockets.take(environment: environment, processID: getpid())
        for reason in self.inherited.refused {
            logger.error("what systemd handed over is not taken", metadata: ["reason": "\(reason)"])
        }
        let identity = try http.tls.map { (section) throws(TLSFiles.Fault) in try TLSFiles(section: section).load() }
        if let concern = identity.flatMap({ TLSFiles.concern($0, at: time) }) {
            logger.warning("the certificate needs attention", metadata: ["concern": "\(concern)"])
        }
        self.identity = identity.map(ServedIdentity.init)
        self.names = StationNames(http.names)
        self.origins = AllowedOrigins(http.corsOrigins, publicURL: http.publicURL(boundPort: self.inherited.port))
    }

    /// Puts them into the configuration of the server.
    func open(_ configuration: inout LocalAPIConfiguration) {
        configuration.inheritedSockets = self.inherited.descriptors
        configuration.identity = self.identity
        configuration.names = self.names
        configuration.origins = self.origins
    }

    /// Takes over what can change while the station runs (contract 7: SIGHUP).
    ///
    /// A faulty certificate leaves the old one in force.
    func reload(_ http: HTTPSection, at time: Timestamp, logger: Logger) {
        self.origins.replace(by: http.corsOrigins)
        guard (http.tls == nil) == (self.identity == nil) else {
            logger.warning("TLS is switched on or off at the next start only")
            return
        }
        guard let section = http.tls, let served = self.identity else { return }
        do throws(TLSFiles.Fault) {
            let identity = try TLSFiles(section: section).load()
            served.replace(by: identity)
            logger.notice(
                "the certificate was read again", metadata: ["validUntil": "\(identity.notValidAfter)"]
            )
            guard let concern = TLSFiles.concern(identity, at: time) else { return }
            logger.warning("the certificate needs attention", metadata: ["concern": "\(concern)"])
        } catch {
            logger.error("the certificate is faulty; the old one stays", metadata: ["error": "\(error)"])
        }
    }
}
