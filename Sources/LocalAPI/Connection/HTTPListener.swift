import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTPTypes
import NIOPosix
import ServiceLifecycle
import StationCore
import Synchronization

/// Accepts connections and serves each in a task of its own.
///
/// It stands in the place of the framework's own server, which neither takes sockets that somebody else has opened nor
/// knows whose connections it counts.
struct HTTPListener: Service {
    private typealias Listening = NIOAsyncChannel<Accepted, Never>

    /// A connection that is let in, or not.
    private enum Accepted: Sendable {
        case served(StationHTTPChannel.Value)
        case refused
    }

    /// From the kernel's `linux/tcp.h`: how long what was sent may wait for its acknowledgement. A peer that has lost
    /// its radio is gone then, not after a quarter of an hour.
    private static let userTimeout = ChannelOptions.Types.SocketOption(
        level: .tcp, name: NIOBSDSocket.Option(rawValue: 18)
    )

    private let configuration: LocalAPIConfiguration
    private let channel: StationHTTPChannel
    private let book: ConnectionBook
    private let reporter: ConnectionReporter
    private let onListening: @Sendable (Int) -> Void
    private let logger: Logger

    /// - Parameter onListening: Told once it listens, and on which port.
    init(
        configuration: LocalAPIConfiguration, responder: LocalAPIResponder, metrics: MetricRegistry,
        clock: any StationClock, logger: Logger, onListening: @escaping @Sendable (Int) -> Void
    ) {
        let book = ConnectionBook(limits: configuration.limits)
        let reporter = ConnectionReporter(metrics: metrics, clock: clock, logger: logger)
        metrics.gauge("station_http_connections", help: "Connections that are open.") { Double(book.openCount) }
        self.configuration = configuration
        self.channel = StationHTTPChannel(
            responder: { try await responder.serve($0, writer: $1, channel: $2) }, limits: configuration.limits,
            identity: configuration.identity, reporter: reporter
        )
        self.book = book
        self.reporter = reporter
        self.onListening = onListening
        self.logger = logger
    }

    /// Serves until a graceful shutdown is over: nobody is let in any more, and requests under way have ended.
    func run() async throws {
        let servers = try await self.listen()
        let stop: @Sendable () -> Void = {
            for server in servers { server.channel.close(promise: nil) }
            self.book.stop()
        }
        await withTaskCancellationOrGracefulShutdownHandler {
            self.tell(servers)
            await withDiscardingTaskGroup { group in
                for server in servers { group.addTask { await self.accept(from: server, onFailure: stop) } }
            }
        } onCancelOrGracefulShutdown: {
            stop()
        }
    }

    private func tell(_ servers: [Listening]) {
        for server in servers {
            self.logger.notice(
                "the HTTP API listens",
                metadata: [
                    "host": "\(server.channel.localAddress?.ipAddress ?? self.configuration.host)",
                    "port": "\(server.channel.localAddress?.port ?? self.configuration.port)",
                    "tls": "\(self.configuration.identity != nil)", "station": "\(self.configuration.stationID)",
                    "name": "\(self.configuration.stationName)",
                ]
            )
        }
        self.onListening(servers.first?.channel.localAddress?.port ?? self.configuration.port)
    }

    private func accept(from server: Listening, onFailure stop: () -> Void) async {
        await withDiscardingTaskGroup { group in
            do {
                try await server.executeThenClose { connections in
                    for try await connection in connections {
                        guard case .served(let connection) = connection else { continue }
                        group.addTask { await self.channel.handle(value: connection, logger: self.logger) }
                    }
                }
            } catch {
                self.logger.error("no connections can be taken any more", metadata: ["error": "\(error)"])
                // The service ends, and so the station: its service manager starts it anew.
                stop()
            }
        }
    }

    private func listen() async throws -> [Listening] {
        let timeout = SocketOptionValue(self.configuration.limits.acknowledgementTime.milliseconds)
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(Self.userTimeout, value: timeout)
        let initialize: @Sendable (any Channel) -> EventLoopFuture<Accepted> = { self.admit($0) }
        switch self.configuration.place {
        case .address(let host, let port):
            return [try await bootstrap.bind(host: host, port: port, childChannelInitializer: initialize)]
        case .inherited(let descriptors):
            var servers: [Listening] = []
            for descriptor in descriptors {
                servers.append(try await bootstrap.bind(descriptor, childChannelInitializer: initialize))
            }
            return servers
        }
    }

    private func admit(_ channel: any Channel) -> EventLoopFuture<Accepted> {
        guard let refusal = self.book.admit(channel) else {
            return self.channel.setup(channel: channel, logger: self.logger).map { .served($0) }
        }
        self.reporter.refused(refusal, peer: channel.remoteAddress)
        // Over TLS nothing can be said before a handshake, which costs more than a connection that is refused may.
        guard self.channel.identity == nil, self.book.mayLinger(channel) else {
            return channel.close().map { .refused }.flatMapErrorThrowing { _ in .refused }
        }
        return channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(
                RefusalHandler(.tooManyConnections(refusal), requestID: self.reporter.makeRequestID())
            )
            return .refused
        }
    }
}
