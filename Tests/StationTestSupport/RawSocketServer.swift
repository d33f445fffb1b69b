import NIOCore
import NIOPosix
import StationSocket
import Synchronization

/// A WebSocket server on 127.0.0.1 that opens every connection as it should and then sends whatever bytes a test wants.
///
///     try await RawSocketServer.run { server in … server.lines.last?.send([RawFrame(opcode: 9, isFinal: false)]) … }
public final class RawSocketServer: Sendable {
    /// One connection, from the answer to its opening request.
    public final class Line: Sendable {
        private struct State {
            var texts: [String] = []
            var closeCode: UInt16?
            var isClosed = false
        }

        private let channel: any Channel
        private let state = Mutex(State())

        fileprivate init(channel: any Channel) {
            self.channel = channel
        }

        /// What the client has said, in its order.
        public var texts: [String] { self.state.withLock { $0.texts } }

        /// What the client has said after so many texts.
        public func texts(after count: Int) -> [String] {
            self.state.withLock { Array($0.texts.dropFirst(count)) }
        }

        /// The code of the client's Close frame, 1005 for one without; nil until it has come.
        public var closeCode: UInt16? { self.state.withLock { $0.closeCode } }

        /// Whether the connection is over.
        public var isClosed: Bool { self.state.withLock { $0.isClosed } }

        public func send(_ bytes: [UInt8]) {
            self.channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
        }

        /// Sends frames in one piece.
        public func send(_ frames: [RawFrame]) {
            self.send(frames.flatMap(\.bytes))
        }

        public func send(_ text: String) {
            self.send([RawFrame(opcode: 1, payload: Array(text.utf8))])
        }

        /// Closes the transport.
        public func end() {
            self.channel.close(promise: nil)
        }

        fileprivate func heard(_ opcode: UInt8, _ payload: [UInt8]) {
            switch opcode {
            case 1: self.state.withLock { $0.texts.append(String(decoding: payload, as: UTF8.self)) }
            case 8:
                let code = payload.count < 2 ? 1005 : UInt16(payload[0]) << 8 | UInt16(payload[1])
                self.state.withLock { $0.closeCode = $0.closeCode ?? code }
            case 9: self.send([RawFrame(opcode: 10, payload: payload)])
            default: break
            }
        }

        fileprivate func over() {
            self.state.withLock { $0.isClosed = true }
        }
    }

    public let port: Int
    private let opened: Locked<[Line]>

    /// All connections so far, in the order of their opening.
    public var lines: [Line] { self.opened.value }

    private init(port: Int, opened: Locked<[Line]>) {
        self.port = port
        self.opened = opened
    }

    /// Starts the server, runs `body` and ends all connections, whatever happens.
    public static func run<Result>(
        isolation: isolated (any Actor)? = #isolation, _ body: (RawSocketServer) async throws -> Result
    ) async throws -> Result {
        let opened = Locked<[Line]>([])
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(RawSocketHandler(opened))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let server = RawSocketServer(port: listener.localAddress?.port ?? 0, opened: opened)
        do {
            let result = try await body(server)
            try await server.stop(listener)
            return result
        } catch {
            try await server.stop(listener)
            throw error
        }
    }

    private func stop(_ listener: any Channel) async throws {
        try await listener.close()
        for line in self.lines { line.end() }
    }
}

/// Reads the opening request and then the frames of a client that plays by the rules.
private final class RawSocketHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let opened: Locked<[RawSocketServer.Line]>
    private var buffer = ByteBuffer()
    private var line: RawSocketServer.Line?

    init(_ opened: Locked<[RawSocketServer.Line]>) {
        self.opened = opened
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.buffer.writeImmutableBuffer(Self.unwrapInboundIn(data))
        if self.line == nil { self.open(context) }
        while let line, let (opcode, payload) = self.nextFrame() { line.heard(opcode, payload) }
        self.buffer.discardReadBytes()
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.line?.over()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func open(_ context: ChannelHandlerContext) {
        do {
            guard let head = try HTTPHead.take(from: &self.buffer, limit: 16_384) else { return }
            let words = head.firstLine.split(separator: " ")
            let fields = try SocketHandshake.accept(
                method: words.first.map(String.init) ?? "", httpVersion: words.last.map(String.init),
                values: head.values
            )
            var answer = "HTTP/1.1 101 Switching Protocols\r\n"
            for field in fields { answer += "\(field.name): \(field.value)\r\n" }
            context.writeAndFlush(Self.wrapOutboundOut(ByteBuffer(string: "\(answer)\r\n")), promise: nil)
            let line = RawSocketServer.Line(channel: context.channel)
            self.line = line
            self.opened.withLock { $0.append(line) }
        } catch {
            context.close(promise: nil)
        }
    }

    /// The next whole frame, unmasked; messages of the station come in one frame each.
    private func nextFrame() -> (opcode: UInt8, payload: [UInt8])? {
        var rest = self.buffer
        guard let first = rest.readInteger(as: UInt8.self), let second = rest.readInteger(as: UInt8.self) else {
            return nil
        }
        var length = Int(second & 0x7F)
        if length == 126 {
            guard let size = rest.readInteger(as: UInt16.self) else { return nil }
            length = Int(size)
        } else if length == 127 {
            guard let size = rest.readInteger(as: UInt64.self).flatMap(Int.init(exactly:)) else { return nil }
            length = size
        }
        guard second & 0x80 != 0, let key = rest.readBytes(length: 4), var payload = rest.readBytes(length: length)
        else { return nil }
        for index in payload.indices { payload[index] ^= key[index % 4] }
        self.buffer = rest
        return (first & 0x0F, payload)
    }
}
