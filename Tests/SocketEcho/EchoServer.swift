import NIOCore
import NIOPosix
import StationCore
import StationSocket

/// An HTTP server that knows nothing but the opening handshake.
enum EchoServer {
    private typealias Connection = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    static func run(port: Int) async throws {
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .bind(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture { try Connection(wrappingChannelSynchronously: channel) }
            }
        try await listener.executeThenClose { connections in
            try await withThrowingDiscardingTaskGroup { group in
                for try await connection in connections {
                    group.addTask { await self.serve(connection) }
                }
            }
        }
    }

    private static func serve(_ channel: Connection) async {
        // A connection that breaks concerns nobody but its peer.
        try? await channel.executeThenClose { inbound, outbound in
            let connection = SocketConnection(role: .server, limits: SocketEcho.limits)
            let opening = OpenedBytes(inbound: inbound, outbound: outbound)
            _ = await connection.run(
                inbound: opening, write: { try await outbound.write($0) },
                drop: { channel.channel.close(promise: nil) },
                receive: { await SocketEcho.echo($0, on: connection) }
            )
        }
    }
}
