import NIOCore
import NIOPosix
import Synchronization

/// A TCP connection on which a test writes whatever it wants, also what no client library would send.
///
///     try await RawConnection.run(port: port) { connection in
///         connection.send("GET / HTTP/1.1\r\n\r\n")
///         let answer = try await connection.answer()
///     }
public final class RawConnection: Sendable {
    private struct State {
        var channel: (any Channel)?
        var received: [UInt8] = []
        var isClosed = false
    }

    private let state = Mutex(State())

    private init() {}

    private var channel: (any Channel)? { self.state.withLock { $0.channel } }

    /// What came and is not taken by `answer()` yet.
    public var received: [UInt8] { self.state.withLock { $0.received } }

    /// Whether the server has closed the connection, or at least its direction.
    public var isClosed: Bool { self.state.withLock { $0.isClosed } }

    /// Connects, runs `body` and closes the connection, whatever happens.
    ///
    /// - Parameter sending: What is sent at once, before this task's next turn: a server that is impatient with slow
    ///   beginners must not meet a slow test.
    public static func run<Result>(
        host: String = "127.0.0.1", port: Int, sending first: String = "",
        isolation: isolated (any Actor)? = #isolation,
        _ body: (RawConnection) async throws -> Result
    ) async throws -> Result {
        let connection = try await self.open(host: host, port: port, sending: Array(first.utf8))
        do {
            let result = try await body(connection)
            connection.close()
            return result
        } catch {
            connection.close()
            throw error
        }
    }

    /// Connects and sends something at once; the caller closes.
    public static func open(
        host: String = "127.0.0.1", port: Int, sending first: [UInt8] = []
    ) async throws -> RawConnection {
        let connection = RawConnection()
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(RawConnectionHandler(connection, sending: first))
                }
            }
            .connect(host: host, port: port).get()
        connection.state.withLock { $0.channel = channel }
        return connection
    }

    public func send(_ bytes: [UInt8]) {
        self.channel?.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
    }

    public func send(_ text: String) {
        self.send(Array(text.utf8))
    }

    /// Says that nothing more will be sent, and goes on listening.
    public func finish() {
        self.channel?.close(mode: .output, promise: nil)
    }

    public func close() {
        self.channel?.close(promise: nil)
    }

    /// Waits for the next whole response and takes it out of what was received.
    ///
    /// - Parameter hasBody: False for the answer to a HEAD request.
    /// - Throws: `HTTPProbeFailure`, `EventuallyFailure`.
    public func answer(hasBody: Bool = true) async throws -> HTTPAnswer {
        var answer: HTTPAnswer?
        try await eventually("the server has answered") {
            answer = try self.takeAnswer(hasBody: hasBody)
            return answer != nil
        }
        guard let answer else { throw HTTPProbeFailure.closedWithoutAnswer }
        return answer
    }

    /// Waits until the server has closed the connection.
    public func closed() async throws {
        try await eventually("the server has closed the connection") { self.isClosed }
    }

    private func takeAnswer(hasBody: Bool) throws -> HTTPAnswer? {
        try self.state.withLock { state in
            let answer = try HTTPAnswer.take(from: &state.received, hasBody: hasBody, isClosed: state.isClosed)
            if answer == nil, state.isClosed { throw HTTPProbeFailure.closedWithoutAnswer }
            return answer
        }
    }

    fileprivate func heard(_ bytes: ByteBuffer) {
        self.state.withLock { $0.received.append(contentsOf: bytes.readableBytesView) }
    }

    fileprivate func ended() {
        self.state.withLock { $0.isClosed = true }
    }
}

private final class RawConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let connection: RawConnection
    private let first: [UInt8]

    init(_ connection: RawConnection, sending first: [UInt8]) {
        self.connection = connection
        self.first = first
    }

    func channelActive(context: ChannelHandlerContext) {
        guard !self.first.isEmpty else { return }
        context.channel.writeAndFlush(ByteBuffer(bytes: self.first), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.connection.heard(Self.unwrapInboundIn(data))
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed? = event as? ChannelEvent { self.connection.ended() }
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.connection.ended()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.connection.ended()
        context.close(promise: nil)
    }
}
