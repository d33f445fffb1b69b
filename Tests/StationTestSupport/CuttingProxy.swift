import NIOCore
import NIOPosix
import Synchronization

/// A TCP proxy on 127.0.0.1 in front of another loopback port, with a line that can be cut.
///
///     try await CuttingProxy.run(to: broker.port) { proxy in
///         … connect to proxy.port …
///         proxy.blackHole()
///     }
public final class CuttingProxy: Sendable {
    /// What happens to bytes and to new connections.
    enum Mode {
        case forward
        /// Connections stay open and new ones are accepted, but every byte is swallowed, and the end of a stream too.
        case blackHole
    }

    struct State {
        var mode = Mode.forward
        var listener: (any Channel)?
        /// The sockets of both sides.
        var channels: [ObjectIdentifier: any Channel] = [:]
        var accepted = 0
        var open = 0
    }

    /// The port, the same after `refuse()` and `heal()`.
    public let port: Int
    private let target: Int
    let state = Mutex(State())

    private init(port: Int, target: Int) {
        self.port = port
        self.target = target
    }

    /// `mqtt://127.0.0.1:<port>`
    public var url: String { "mqtt://127.0.0.1:\(self.port)" }

    /// How many connections were accepted so far.
    public var acceptedConnections: Int { self.state.withLock { $0.accepted } }

    /// How many of them are open.
    public var openConnections: Int { self.state.withLock { $0.open } }

    /// Starts a proxy, runs `body` and stops the proxy, whatever happens.
    public static func run<Result>(
        to target: Int,
        isolation: isolated (any Actor)? = #isolation,
        _ body: (CuttingProxy) async throws -> Result
    ) async throws -> Result {
        let proxy = try await Self.launch(to: target)
        do {
            let result = try await body(proxy)
            try await proxy.stop()
            return result
        } catch {
            try await proxy.stop()
            throw error
        }
    }

    /// Starts a proxy that runs until `stop()`; `run` is better where it will do.
    public static func launch(to target: Int) async throws -> CuttingProxy {
        try await LoopbackPort.tryUnused { port in
            let proxy = CuttingProxy(port: port, target: target)
            try await proxy.listen()
            return proxy
        }
    }

    /// Closes all connections on both sides; new ones are still accepted.
    public func cut() {
        let open = self.state.withLock { state in
            defer { state.channels = [:] }
            return Array(state.channels.values)
        }
        for channel in open { channel.close(promise: nil) }
    }

    /// Closes all connections and refuses new ones (ECONNREFUSED) until `heal()`.
    public func refuse() async throws {
        let listener = self.state.withLock { state in
            defer { state.listener = nil }
            return state.listener
        }
        try await listener?.close()
        self.cut()
    }

    /// Swallows every byte from now on, in both directions; all sockets stay open, new ones are accepted and silent.
    public func blackHole() {
        self.state.withLock { $0.mode = .blackHole }
    }

    /// Forwards and accepts again. Connections from before are cut: bytes may be missing in them.
    public func heal() async throws {
        let (isForwarding, isListening) = self.state.withLock { ($0.mode == .forward, $0.listener != nil) }
        if !isForwarding {
            self.cut()
            self.state.withLock { $0.mode = .forward }
        }
        if !isListening { try await self.listen() }
    }

    /// Ends everything.
    public func stop() async throws {
        try await self.refuse()
    }

    private func listen() async throws {
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.autoRead, value: false)
            .childChannelInitializer { client in
                client.eventLoop.makeCompletedFuture {
                    self.admit(client)
                    try client.pipeline.syncOperations.addHandler(ProxyOpener(proxy: self, target: self.target))
                }
            }
        let listener = try await bootstrap.bind(host: "127.0.0.1", port: self.port).get()
        self.state.withLock { $0.listener = listener }
    }

    private func admit(_ client: any Channel) {
        self.state.withLock { state in
            state.accepted += 1
            state.open += 1
        }
        self.track(client)
        client.closeFuture.whenComplete { _ in self.state.withLock { $0.open -= 1 } }
    }

    fileprivate func track(_ channel: any Channel) {
        self.state.withLock { $0.channels[ObjectIdentifier(channel)] = channel }
        channel.closeFuture.whenComplete { _ in
            self.state.withLock { $0.channels[ObjectIdentifier(channel)] = nil }
        }
    }
}

/// Connects to the target once the client's channel is active, then ties the two channels together.
private final class ProxyOpener: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private let proxy: CuttingProxy
    private let target: Int

    init(proxy: CuttingProxy, target: Int) {
        self.proxy = proxy
        self.target = target
    }

    func channelActive(context: ChannelHandlerContext) {
        let client = context.channel
        let proxy = self.proxy
        ClientBootstrap(group: context.eventLoop)
            .channelOption(.autoRead, value: false)
            .channelInitializer { server in
                server.eventLoop.makeCompletedFuture {
                    proxy.track(server)
                    try server.pipeline.syncOperations.addHandler(ProxyRelay(proxy: proxy, partner: client))
                }
            }
            .connect(host: "127.0.0.1", port: self.target)
            .flatMapThrowing { server in
                try client.pipeline.syncOperations.addHandler(ProxyRelay(proxy: proxy, partner: server))
                server.read()
                client.read()
            }
            .whenFailure { _ in client.close(promise: nil) }
        context.fireChannelActive()
    }
}

/// Passes on what it reads to the partner, one read per finished write, so that nothing piles up.
private final class ProxyRelay: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let proxy: CuttingProxy
    private let partner: any Channel

    init(proxy: CuttingProxy, partner: any Channel) {
        self.proxy = proxy
        self.partner = partner
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard self.proxy.state.withLock({ $0.mode }) == .forward else { return }
        let bytes = Self.unwrapInboundIn(data)
        self.partner.writeAndFlush(bytes, promise: nil)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        let channel = context.channel
        guard self.proxy.state.withLock({ $0.mode }) == .forward else {
            channel.read()
            return
        }
        self.partner.writeAndFlush(ByteBuffer()).whenComplete { _ in channel.read() }
    }

    func channelInactive(context: ChannelHandlerContext) {
        guard self.proxy.state.withLock({ $0.mode }) == .forward else { return }
        self.partner.close(promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
