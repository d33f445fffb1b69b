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

    /// Reading is routine, changing is not. Brokers that ask change nothing, and may ask at every message.
    private var level: Logger.Level {
        switch self.request.method {
        case .get, .head, .options: .debug
        case .post where GoAuthRoutes.isQuestion(self.request.uri.path): .debug
        case .post where EMQXRoutes.isQuestion(self.request.uri.path): .debug
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
