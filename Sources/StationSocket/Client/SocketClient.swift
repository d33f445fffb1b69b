import Glibc
public import NIOCore
import NIOPosix
public import StationCore

/// Opens WebSockets over TCP, and over TLS where the caller adds it.
///
///     let connection = SocketConnection(role: .client)
///     let ending = try await SocketClient().run(connection, request) { message in … }
public struct SocketClient: Sendable {
    private let opening: Duration
    private let usualPort: Int
    private let proxy: SocketProxy?
    private let clock: any StationClock
    private let prepare: @Sendable (any Channel) throws -> Void

    /// - Parameters:
    ///   - opening: From the first step to the server's consent, name look-up and TLS included.
    ///   - usualPort: The scheme's: 80 for `ws`, 443 for `wss`.
    ///   - proxy: Connects to the server for us, where there is no other way out.
    ///   - prepare: Adds handlers to the new channel, on its event loop: those of TLS for `wss`.
    public init(
        opening: Duration = .seconds(10), usualPort: Int = 80, proxy: SocketProxy? = nil,
        clock: any StationClock = SystemStationClock(),
        prepare: @escaping @Sendable (any Channel) throws -> Void = { _ in }
    ) {
        self.opening = opening
        self.usualPort = usualPort
        self.proxy = proxy
        self.clock = clock
        self.prepare = prepare
    }

    /// Opens a WebSocket and keeps it until it ends.
    ///
    /// What is sent on `connection` beforehand waits until it is open; when it cannot be opened, that fails.
    ///
    /// - Parameters:
    ///   - opened: Called when the server has consented, with its answer.
    ///   - pong: Told of each pong, see `SocketConnection.run`.
    ///   - receive: Takes each message in turn, see `SocketConnection.run`.
    /// - Throws: `SocketClientError` when it cannot be opened.
    public func run(
        _ connection: SocketConnection, _ request: SocketRequest,
        opened: @escaping @Sendable (HTTPHead) async -> Void = { _ in },
        pong: @escaping @Sendable (ByteBuffer) async -> Void = { _ in },
        receive: @escaping @Sendable (SocketMessage) async -> Void
    ) async throws(SocketClientError) -> SocketEnding {
        let endpoint = "\(request.host):\(request.port)" + (self.proxy.map { " (through \($0))" } ?? "")
        let attempt = OpeningAttempt()
        do {
            return try await withTaskCancellationHandler {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        try await self.clock.sleep(for: self.opening)
                        attempt.stop(.timedOut(endpoint: endpoint, limit: self.opening))
                    }
                    defer { group.cancelAll() }
                    let (channel, answer) = try await self.connect(request, attempt)
                    return try await channel.executeThenClose { inbound, outbound in
                        let answer = try await answer.get()
                        guard attempt.succeed() else { throw SocketError.closed }
                        group.cancelAll()
                        await opened(answer)
                        return await connection.run(
                            inbound: inbound, write: { try await outbound.write($0) },
                            drop: { channel.channel.close(promise: nil) }, pong: pong, receive: receive
                        )
                    }
                }
            } onCancel: {
                attempt.stop(.cancelled)
            }
        } catch {
            connection.abandon()
            throw attempt.failure ?? self.failure(error, endpoint)
        }
    }

    private typealias Opened = (NIOAsyncChannel<ByteBuffer, ByteBuffer>, EventLoopFuture<HTTPHead>)

    private func connect(_ request: SocketRequest, _ attempt: OpeningAttempt) async throws -> Opened {
        let key = SocketKey.random()
        let head = request.head(key: key, usualPort: self.usualPort)
        return try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(TimeAmount(self.opening))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .connect(host: self.proxy?.host ?? request.host, port: self.proxy?.port ?? request.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try attempt.adopt(channel)
                    if let proxy = self.proxy {
                        try channel.pipeline.syncOperations.addHandler(
                            ProxyHandler(request: proxy.head(host: request.host, port: request.port))
                        )
                    }
                    try self.prepare(channel)
                    let answer = channel.eventLoop.makePromise(of: HTTPHead.self)
                    try channel.pipeline.syncOperations.addHandler(
                        OpeningHandler(request: head, key: key, answer: answer)
                    )
                    return (try NIOAsyncChannel(wrappingChannelSynchronously: channel), answer.futureResult)
                }
            }
    }

    private func failure(_ error: any Error, _ endpoint: String) -> SocketClientError {
        switch error {
        case let error as SocketClientError: error
        case ChannelError.connectTimeout: .timedOut(endpoint: endpoint, limit: self.opening)
        case ChannelError.eof: .unreachable(endpoint: endpoint, detail: "it closed the connection before it answered")
        case let error as NIOConnectionError:
            .unreachable(
                endpoint: endpoint,
                detail: error.connectionErrors.first.map { Self.text(of: $0.error) } ?? "the name is unknown"
            )
        default: .unreachable(endpoint: endpoint, detail: Self.text(of: error))
        }
    }

    /// As people know it: “Connection refused”.
    private static func text(of error: any Error) -> String {
        guard let code = (error as? IOError)?.errnoCode else { return "\(error)" }
        return String(cString: strerror(code))
    }
}
