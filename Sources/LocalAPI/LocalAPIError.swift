import Glibc
import NIOCore

/// Why the HTTP server does not run.
public enum LocalAPIError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The address cannot be listened on.
    case cannotListen(host: String, port: Int, reason: String)
    /// It was stopped before it listened, or has ended since.
    case stopped

    public var description: String {
        switch self {
        case .cannotListen(let host, let port, let reason):
            "Cannot listen on \(host.contains(":") ? "[\(host)]" : host):\(port): \(reason)."
        case .stopped: "The HTTP server does not run."
        }
    }

    /// Puts what the socket layer says into words that name a remedy.
    init(binding host: String, _ port: Int, failedWith error: any Error) {
        let reason =
            switch (error as? IOError)?.errnoCode {
            case EADDRINUSE: "another program uses this port already; stop it or set http.port (PORT)"
            case EACCES: "ports below 1024 need a privilege; set http.port (PORT) or use the service's socket unit"
            case EADDRNOTAVAIL: "this machine has no such address; set http.host (HOST)"
            case _ where error is SocketAddressError.UnknownHost: "there is no such host; set http.host (HOST)"
            default: "\(error)"
            }
        self = .cannotListen(host: host, port: port, reason: reason)
    }
}
