import NIOCore
import NIOPosix
public import StationCore
public import StationSocket

/// A WebSocket server on 127.0.0.1.
///
///     try await SocketListener.run(receive: { message, connection in … }) { listener in … connect to listener.port … }
public final class SocketListener: Sendable {
    private typealias Client = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    public let port: Int
    private let opened = Locked<[SocketConnection]>([])
    private let ended = Locked<[SocketEnding]>([])
    private let heads = Locked<[HTTPHead]>([])

    /// The server's ends of all connections so far, in the order of their opening.
    public var connections: [SocketConnection] { self.opened.value }
    /// How connections ended.
    public var endings: [SocketEnding] { self.ended.value }
    /// The requests that opened connections.
    public var requests: [HTTPHead] { self.heads.value }

    private init(port: Int) {
        self.port = port
    }

    /// Starts the server, runs `body`, and drops all connections, whatever happens.
    ///
    /// - Parameters:
    ///   - greeting: Frames that follow the answer to the opening request in the same piece.
    ///   - receive: Takes every message, see `SocketConnection.run`.
    public static func run<Result: Sendable>(
        port: Int = 0, limits: SocketLimits = SocketLimits(), timing: SocketTiming = SocketTiming(),
        clock: any StationClock = SystemStationClock(), greeting: [UInt8] = [],
        receive: @escaping @Sendable (SocketMessage, SocketConnection) async -> Void,
        isolation: isolated (any Actor)? = #isolation,
        _ body: (SocketListener) async throws -> Result
    ) async throws -> Result {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            // Read from when it is served: a NIOAsyncChannel that came too late to be served would be a trap.
            .childChannelOption(.autoRead, value: false)
            .bind(host: "127.0.0.1", port: port) { channel in channel.eventLoop.makeSucceededFuture(channel) }
        return try await server.executeThenClose { clients in
            let listener = SocketListener(port: server.channel.localAddress?.port ?? port)
            return try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await withThrowingDiscardingTaskGroup { group in
                        for try await client in clients {
                            let connection = SocketConnection(
                                role: .server, limits: limits, timing: timing, clock: clock
                            )
                            group.addTask { await listener.serve(client, connection, greeting, receive) }
                        }
                    }
                }
                defer { group.cancelAll() }
                return try await body(listener)
            }
        }
    }

    private func serve(
        _ channel: any Channel, _ connection: SocketConnection, _ greeting: [UInt8],
        _ receive: @escaping @Sendable (SocketMessage, SocketConnection) async -> Void
    ) async {
        guard
            let client = try? await channel.eventLoop.submit({ try Client(wrappingChannelSynchronously: channel) })
                .get()
        else { return }
        // A connection that breaks concerns nobody but its peer.
        try? await client.executeThenClose { inbound, outbound in
            try await channel.setOption(.autoRead, value: true).get()
            let opening = SocketOpening(inbound: inbound, outbound: outbound, greeting: greeting) { head in
                self.heads.withLock { $0.append(head) }
                self.opened.withLock { $0.append(connection) }
            }
            let ending = await connection.run(
                inbound: opening, write: { try await outbound.write($0) },
                drop: { client.channel.close(promise: nil) }, receive: { await receive($0, connection) }
            )
            self.ended.withLock { $0.append(ending) }
        }
    }
}
