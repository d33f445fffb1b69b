import NIOCore
import NIOSSL

/// TLS towards the cloud: the system's authorities and those of `CLOUD_CA_FILE`; certificate and name are verified, and
/// nothing turns that off (contract 4).
struct LinkTLS: Sendable {
    /// Why there can be no TLS; in words.
    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    private let context: NIOSSLContext
    private let serverName: String?

    /// Reads certificates from files: not for threads that others wait for.
    ///
    /// - Throws: `Fault`.
    init(_ configuration: CloudLinkConfiguration) throws(Fault) {
        let isAddress = (try? SocketAddress(ipAddress: configuration.host, port: 0)) != nil
        guard !isAddress || configuration.proxy == nil else {
            // NIOSSL would hold the certificate against the proxy's address.
            throw Fault(description: "a cloud that is given as an address cannot be verified through a proxy")
        }
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        tls.certificateVerification = .fullVerification
        tls.applicationProtocols = ["http/1.1"]
        // A peer that is gone does not answer the farewell.
        tls.shutdownTimeout = .seconds(1)
        if let file = configuration.caFile {
            do {
                tls.additionalTrustRoots = [.certificates(try NIOSSLCertificate.fromPEMFile(file))]
            } catch {
                throw Fault(description: "\(file) (CLOUD_CA_FILE) has no certificate in PEM that can be read")
            }
        }
        do {
            self.context = try NIOSSLContext(configuration: tls)
        } catch {
            throw Fault(description: "TLS cannot be set up: \(error)")
        }
        self.serverName = isAddress ? nil : configuration.host
    }

    /// Adds TLS to a new channel.
    ///
    /// - Parameter onCertificateFault: Told why the server's certificate is not accepted, if it is not.
    func add(to channel: any Channel, onCertificateFault: @escaping @Sendable (String) -> Void) throws {
        try channel.pipeline.syncOperations.addHandler(
            NIOSSLClientHandler(context: self.context, serverHostname: self.serverName)
        )
        try channel.pipeline.syncOperations.addHandler(
            CertificateWatch(serverName: self.serverName, onFault: onCertificateFault))
    }
}
