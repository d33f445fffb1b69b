import NIOCore
import StationCore
import StationSocket
import StationTestSupport

/// A transport whose peer is the test: what is written can be looked at and held back.
final class TestTransport: Sendable {
    let inbound: AsyncStream<ByteBuffer>
    private let input: AsyncStream<ByteBuffer>.Continuation
    private let output = Locked<[UInt8]>([])
    private let gate = Locked(true)
    private let isCut = Locked(false)
    private let held = Locked(0)

    init() {
        (self.inbound, self.input) = AsyncStream.makeStream()
    }

    /// All that was written.
    var written: [UInt8] { self.output.value }
    /// How many writes wait; more than one at a time would be a fault.
    var heldWrites: Int { self.held.value }
    var isDropped: Bool { self.isCut.value }
    /// Whether writes go through; else they wait until they do, or the transport is dropped.
    var isWritable: Bool {
        get { self.gate.value }
        set { self.gate.withLock { $0 = newValue } }
    }

    func send(_ frames: RawFrame...) {
        self.input.yield(ByteBuffer(bytes: frames.flatMap(\.bytes)))
    }

    func end() {
        self.input.finish()
    }

    func drop() {
        self.isCut.withLock { $0 = true }
        self.input.finish()
    }

    private func write(_ bytes: ByteBuffer) async throws {
        self.held.withLock { $0 += 1 }
        defer { self.held.withLock { $0 -= 1 } }
        try await eventually(within: .seconds(60), "the transport takes bytes") { self.isWritable || self.isDropped }
        guard !self.isDropped else { throw ChannelError.ioOnClosedChannel }
        self.output.withLock { $0 += Array(bytes.readableBytesView) }
    }

    func run(
        _ connection: SocketConnection, receive: @escaping @Sendable (SocketMessage) async -> Void = { _ in }
    ) async -> SocketEnding {
        await connection.run(
            inbound: self.inbound, write: { try await self.write($0) }, drop: { self.drop() }, receive: receive
        )
    }
}
