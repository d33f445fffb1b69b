import HTTPTypes
import HummingbirdCore
import Logging
import StationCore

/// The log line of one request.
struct RequestLog {
    private static let maximumPathLength = 256

    let request: Request
    let status: HTTPResponse.Status
    let duration: Duration

    /// Reading is routine, changing is not.
    private var level: Logger.Level {
        switch self.request.method {
        case .get, .head, .options: .debug
        default: .info
        }
    }

    func write(to logger: Logger) {
        let path = SecretMask.inPath(self.request.uri.string)
        logger.log(
            level: self.level, "request",
            metadata: [
                "method": "\(self.request.method.rawValue)",
                "path": "\(path.prefix(Self.maximumPathLength))",
                "status": "\(self.status.code)",
                "ms": "\((self.duration.seconds * 10_000).rounded() / 10)",
            ]
        )
    }
}
