import NIOSSL
import Synchronization

/// The identity that new connections are shown; may be changed while the server runs, as certificates are renewed.
public final class ServedIdentity: Sendable {
    private let current: Mutex<TLSIdentity>

    public init(_ identity: TLSIdentity) {
        self.current = Mutex(identity)
    }

    /// Shows another identity to connections from now on; those that are open keep theirs.
    public func replace(by identity: TLSIdentity) {
        self.current.withLock { $0 = identity }
    }

    /// The first handler of a connection.
    func makeHandler() -> NIOSSLServerHandler {
        NIOSSLServerHandler(context: self.current.withLock { $0.context })
    }
}
