import NIOCore
import NIOPosix
import NIOSSL
import StationSocket
import StationTestSupport

/// What stands before a server on 127.0.0.1: TLS, or a proxy that is asked with CONNECT.
final class LinkFront: Sendable {
    enum Kind: Sendable {
        /// Ends TLS and forwards what is in it.
        case tls(NIOSSLContext)
        /// Wants this value of `Proxy-Authorization`, if any, and forwards to the port whatever host it is asked for.
        case proxy(authorization: String?)
    }

    private typealias Wire = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    let port: Int
    private let kind: Kind
    private let target: Int
    private let heads = Locked<[HTTPHead]>([])

    /// What the proxy was asked for.
    var requests: [HTTPHead] { self.heads.value }

    private init(port: Int, kind: Kind, target: Int) {
        self.port = port
        self.kind = kind
        self.target = target
    }

    /// Starts it, runs `body` and ends all, whatever happens.
    static func run<Result: Sendable>(
        _ kind: Kind, to target: Int, isolation: isolated (any Actor)? = #isolation,
        _ body: (LinkFront) async throws -> Result
    ) async throws -> Result {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            // Read from when it is served: a NIOAsyncChannel that came too late to be served would be a trap.
            .childChannelOption(.autoRead, value: false)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture {
                    if case .tls(let context) = kind {
                        try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
                    }
                    return channel
                }
            }
        return try await server.executeThenClose { clients in
            let front = LinkFront(port: server.channel.localAddress?.port ?? 0, kind: kind, target: target)
            return try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await front.serve(clients) }
                defer { group.cancelAll() }
                return try await body(front)
            }
        }
    }

    private func serve(_ clients: NIOAsyncChannelInboundStream<any Channel>) async throws {
        try await withThrowingDiscardingTaskGroup { group in
            for try await client in clients { group.addTask { await self.serve(client) } }
        }
    }

    /// A connection that breaks concerns nobody but its ends.
    private func serve(_ channel: any Channel) async {
        guard
            let client = try? await channel.eventLoop.submit({ try Wire(wrappingChannelSynchronously: channel) }).get()
        else { return }
        try? await client.executeThenClose { inbound, outbound in
            try await channel.setOption(.autoRead, value: true).get()
            var bytes = inbound.makeAsyncIterator()
            var first = ByteBuffer()
            if case .proxy(let authorization) = self.kind {
                guard let head = try await Self.head(&bytes, &first) else { return }
                self.heads.withLock { $0.append(head) }
                guard head.values("proxy-authorization") == (authorization.map { [$0] } ?? []) else {
                    return try await outbound.write(ByteBuffer(string: "HTTP/1.1 407 Who are you\r\n\r\n"))
                }
                try await outbound.write(ByteBuffer(string: "HTTP/1.1 200 Connected\r\nVia: test\r\n\r\n"))
            }
            // Not before there is something to be forwarded: TLS may come to nothing.
            guard let piece = try await bytes.next() else { return }
            first.writeImmutableBuffer(piece)
            let server = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connect(host: "127.0.0.1", port: self.target) { channel in
                    channel.eventLoop.makeCompletedFuture { try Wire(wrappingChannelSynchronously: channel) }
                }
            try await server.executeThenClose { answers, requests in
                try await requests.write(first)
                let back = Task { try await Self.copy(answers, to: outbound, then: client.channel) }
                while let piece = try await bytes.next() { try await requests.write(piece) }
                back.cancel()
            }
        }
    }

    private static func head(
        _ bytes: inout NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator, _ buffer: inout ByteBuffer
    ) async throws -> HTTPHead? {
        while let piece = try await bytes.next() {
            buffer.writeImmutableBuffer(piece)
            if let head = try HTTPHead.take(from: &buffer, limit: 16_384) { return head }
        }
        return nil
    }

    private static func copy(
        _ pieces: NIOAsyncChannelInboundStream<ByteBuffer>, to outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>,
        then client: any Channel
    ) async throws {
        for try await piece in pieces { try await outbound.write(piece) }
        client.close(promise: nil)
    }
}
