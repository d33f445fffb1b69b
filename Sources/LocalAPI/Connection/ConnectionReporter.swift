import Logging
import NIOCore
import StationCore
import Synchronization

/// Counts and logs what becomes of connections before any request is understood.
final class ConnectionReporter: Sendable {
    private let metrics: MetricRegistry
    private let clock: any StationClock
    private let logger: Logger
    private let limiter = Mutex(OccasionLimiter<ConnectionBook.Refusal>(period: .seconds(60), capacity: 8))

    init(metrics: MetricRegistry, clock: any StationClock, logger: Logger) {
        self.metrics = metrics
        self.clock = clock
        self.logger = logger
    }

    /// For an answer to what has no request that could name one.
    func makeRequestID() -> String {
        Identifier<LocalAPIContext>.make(at: self.clock.wallTime).description
    }

    /// A connection was not let in. A flood of them is one line a minute.
    func refused(_ refusal: ConnectionBook.Refusal, peer: SocketAddress?) {
        self.metrics.count(.refusedConnections, refusal.rawValue)
        guard refusal != .stopping, self.limiter.withLock({ $0.passes(refusal, at: self.clock.now) }) else { return }
        self.logger.warning(
            "connections are refused",
            metadata: ["reason": "\(refusal.rawValue)", "peer": "\(peer?.ipAddress ?? "unknown")"]
        )
    }

    /// Something came that was not HTTP.
    func malformed() {
        self.metrics.count(.malformedRequests)
    }
}

extension MetricRegistry.Counter {
    fileprivate static let refusedConnections = Self(
        "station_http_refused_connections_total", help: "Connections beyond a limit.", label: "reason"
    )
    fileprivate static let malformedRequests = Self(
        "station_http_malformed_requests_total", help: "Requests that were not HTTP/1.1."
    )
}
