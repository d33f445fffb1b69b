import NIOCore
import NIOSSL
public import StationCore

/// By which the station shows browsers that it is itself: a certificate chain and the key that belongs to it.
public struct TLSIdentity: Sendable {
    /// What is wrong with one of the two; the description follows the name of its file: "… is not PEM".
    public enum Fault: Error, Sendable, Hashable, CustomStringConvertible {
        case certificate(String)
        case key(String)

        public var description: String {
            switch self {
            case .certificate(let reason), .key(let reason): reason
            }
        }
    }

    /// From when on the certificate is valid.
    public let notValidBefore: Timestamp
    /// Until when it is.
    public let notValidAfter: Timestamp
    let context: NIOSSLContext

    /// Reads a chain, the station's own certificate first, and its private key, both PEM.
    ///
    /// The dates are not judged: without a battery the clock of a Pi can be years behind at a start, and browsers judge
    /// them anyway.
    ///
    /// - Throws: `Fault` for what is not PEM, and for a key of another certificate.
    public init(certificateChain: [UInt8], key: [UInt8]) throws(Fault) {
        let chain: [NIOSSLCertificate]
        do {
            chain = try NIOSSLCertificate.fromPEMBytes(certificateChain)
        } catch {
            throw .certificate("is not a certificate in PEM")
        }
        guard let own = chain.first else { throw .certificate("has no certificate in it") }
        let privateKey: NIOSSLPrivateKey
        do {
            privateKey = try NIOSSLPrivateKey(bytes: key, format: .pem)
        } catch {
            throw .key("is not a private key in PEM, or is locked with a passphrase")
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(privateKey)
        )
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        // A peer that does not answer the farewell must not hold up a stop of the station.
        configuration.shutdownTimeout = .seconds(1)
        do {
            self.context = try NIOSSLContext(configuration: configuration)
        } catch {
            throw .key("does not belong to the certificate")
        }
        self.notValidBefore = Timestamp(milliseconds: Int64(own.notValidBefore) * 1000)
        self.notValidAfter = Timestamp(milliseconds: Int64(own.notValidAfter) * 1000)
    }
}
