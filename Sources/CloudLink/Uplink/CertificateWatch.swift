import NIOCore
import NIOSSL
import NIOTLS

/// Sees what TLS has against a certificate before it becomes one error among others, and looks at the name itself.
///
/// NIOSSL also takes a certificate that names the peer's *address*, whatever name was asked for. Who can bend the name
/// look-up, and has a certificate for an address of their own, would be taken for the cloud.
final class CertificateWatch: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private struct WrongName: Error {}

    private static let wrongName = "it is for another name"

    private let serverName: String?
    private let onFault: @Sendable (String) -> Void

    /// - Parameter serverName: nil for a server that is known by its address.
    init(serverName: String?, onFault: @escaping @Sendable (String) -> Void) {
        self.serverName = serverName
        self.onFault = onFault
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case TLSUserEvent.handshakeCompleted? = event as? TLSUserEvent, let serverName = self.serverName {
            let certificate = try? context.channel.pipeline.syncOperations.nioSSL_peerCertificate()
            guard let certificate, Self.names(of: certificate).contains(where: { Self.matches($0, serverName) }) else {
                self.onFault(Self.wrongName)
                context.fireErrorCaught(WrongName())
                context.close(promise: nil)
                return
            }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let fault = Self.fault(error) { self.onFault(fault) }
        context.fireErrorCaught(error)
    }

    private static func names(of certificate: NIOSSLCertificate) -> [String] {
        certificate._subjectAlternativeNames().compactMap { name in
            name.nameType == .dnsName ? String(validating: name.contents, as: UTF8.self) : nil
        }
    }

    /// Whether a certificate's name, in which the first label may be `*`, is that of a host (RFC 9525, 6.3).
    static func matches(_ pattern: String, _ host: String) -> Bool {
        let names = [pattern, host].map { name in
            let name = name.lowercased()
            return name.hasSuffix(".") ? name.dropLast() : name[...]
        }
        if names[0] == names[1] { return true }
        guard names[0].hasPrefix("*."), let dot = names[1].firstIndex(of: "."), dot != names[1].startIndex else {
            return false
        }
        let rest = names[1][dot...]
        return names[0].dropFirst() == rest && rest.dropFirst().contains(".")
    }

    private static func fault(_ error: any Error) -> String? {
        switch error {
        case let error as NIOSSLExtraError where error == .failedToValidateHostname: return Self.wrongName
        case NIOSSLError.handshakeFailed(let error) where "\(error)".contains("CERTIFICATE_VERIFY_FAILED"):
            return "no known authority vouches for it, or it is not valid at the time that the station's clock shows"
        case NIOSSLError.noCertificateToValidate, NIOSSLError.unableToValidateCertificate: return "there is none"
        default: return nil
        }
    }
}
