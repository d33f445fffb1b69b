import Glibc
import NIOCore
import NIOPosix
import Synchronization

/// A TCP listener on 127.0.0.1 that plays a broken or hostile server.
///
///     try await FakePeer.run(.silent) { peer in … connect to peer.port … }
public final class FakePeer: Sendable {
    public enum Behaviour: Sendable {
        /// Accepts, reads and never answers.
        case silent
        /// Answers the first bytes of the client with these bytes, then is silent.
        case answers([UInt8])
        /// Accepts and closes at once.
        case hangsUp
        /// Closes when the first bytes of the client come.
        case hangsUpAfterFirstBytes
        /// Resets the connection (RST) when the first bytes of the client come.
        case resets
    }

    private struct State {
        var connections: [ObjectIdentifier: any Channel] = [:]
        var received: [UInt8] = []
    }

    public let port: Int
    private let behaviour: Behaviour
    private let state: Mutex<State>
    private let listener: Mutex<(any Channel)?>

    private init(port: Int, behaviour: Behaviour) {
        self.port = port
        self.behaviour = behaviour
        self.state = Mutex(State())
        self.listener = Mutex(nil)
    }

    /// `mqtt://127.0.0.1:<port>`
    public var url: String { "mqtt://127.0.0.1:\(self.port)" }

    /// How many clients are connected.
    public var openConnections: Int { self.state.withLock { $0.connections.count } }

    /// The first bytes that clients sent, at most 64 KiB.
    public var received: [UInt8] { self.state.withLock { $0.received } }

    /// Starts the peer, runs `body` and closes everything, whatever happens.
    public static func run<Result>(
        _ behaviour: Behaviour,
        isolation: isolated (any Actor)? = #isolation,
        _ body: (FakePeer) async throws -> Result
    ) async throws -> Result {
        let peer = try await LoopbackPort.tryUnused { port in
            let peer = FakePeer(port: port, behaviour: behaviour)
            try await peer.listen()
            return peer
        }
        do {
            let result = try await body(peer)
            try await peer.stop()
            return result
        } catch {
            try await peer.stop()
            throw error
        }
    }

    /// Sends bytes to all connected clients, out of the blue.
    public func send(_ bytes: [UInt8]) {
        for channel in self.state.withLock({ Array($0.connections.values) }) {
            channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
        }
    }

    private func listen() async throws {
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { client in
                client.eventLoop.makeCompletedFuture {
                    try client.pipeline.syncOperations.addHandler(FakePeerHandler(peer: self))
                }
            }
        let listener = try await bootstrap.bind(host: "127.0.0.1", port: self.port).get()
        self.listener.withLock { $0 = listener }
    }

    private func stop() async throws {
        try await self.listener.withLock { $0 }?.close()
        for channel in self.state.withLock({ Array($0.connections.values) }) { channel.close(promise: nil) }
    }

    fileprivate func connected(_ client: any Channel) {
        self.state.withLock { $0.connections[ObjectIdentifier(client)] = client }
        client.closeFuture.whenComplete { _ in
            self.state.withLock { $0.connections[ObjectIdentifier(client)] = nil }
        }
        if case .hangsUp = self.behaviour { client.close(promise: nil) }
    }

    fileprivate func heard(_ bytes: ByteBuffer, from client: any Channel, isFirst: Bool) {
        self.state.withLock { state in
            state.received.append(contentsOf: bytes.readableBytesView.prefix(65_536 - state.received.count))
        }
        guard isFirst else { return }
        switch self.behaviour {
        case .silent, .hangsUp: break
        case .answers(let answer): client.writeAndFlush(ByteBuffer(bytes: answer), promise: nil)
        case .hangsUpAfterFirstBytes: client.close(promise: nil)
        case .resets:
            let reset = linger(l_onoff: 1, l_linger: 0)
            let isSet = (client as? any SocketOptionProvider)?.setSoLinger(reset)
            (isSet ?? client.eventLoop.makeSucceededVoidFuture()).whenComplete { _ in client.close(promise: nil) }
        }
    }
}

private final class FakePeerHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let peer: FakePeer
    private var isFirst = true

    init(peer: FakePeer) {
        self.peer = peer
    }

    func channelActive(context: ChannelHandlerContext) {
        self.peer.connected(context.channel)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.peer.heard(Self.unwrapInboundIn(data), from: context.channel, isFirst: self.isFirst)
        self.isFirst = false
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
