public import NIOCore
public import StationCore
import Synchronization

/// One end of a WebSocket over any transport that moves bytes.
///
///     let connection = SocketConnection(role: .server)
///     … in other tasks: try await connection.send("…"), connection.close(.goingAway) …
///     let ending = await connection.run(inbound: body, write: { … }, drop: { … }) { message in … }
///
/// It answers and sends pings, keeps the closing handshake within its time and ends by itself, whatever the peer does.
public final class SocketConnection: Sendable {
    public let role: SocketRole
    private let clock: any StationClock
    private let state: Mutex<ConnectionState>
    /// Every point in time at which something may have to be done.
    private let deadlines: AsyncStream<MonotonicInstant>
    private let deadlineInput: AsyncStream<MonotonicInstant>.Continuation

    /// - Parameter capacity: How many messages may wait to be sent, each with its suspended sender.
    public init(
        role: SocketRole, limits: SocketLimits = SocketLimits(), timing: SocketTiming = SocketTiming(),
        capacity: Int = 16, clock: any StationClock = SystemStationClock()
    ) {
        self.role = role
        self.clock = clock
        let machine = SocketMachine(role: role, limits: limits, timing: timing, at: clock.now)
        self.state = Mutex(ConnectionState(machine: machine, capacity: capacity))
        (self.deadlines, self.deadlineInput) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(4))
    }

    /// How it ended, once it has.
    public var ending: SocketEnding? { self.state.withLock { $0.machine.ending } }

    /// How many messages wait to be sent.
    public var waitingMessages: Int { self.state.withLock { $0.waitingMessages } }

    /// When the last whole frame of the peer's came, whatever it was; nil before the first.
    public var lastFrameAt: MonotonicInstant? { self.state.withLock { $0.machine.lastFrameAt } }

    // MARK: Sending

    /// Sends a text and waits until the transport has taken it: a slow peer slows its sender down, so whoever has news
    /// that grow old can choose the next when this one is away.
    ///
    /// - Throws: `SocketError`: `.closed`, `.full`, `.cancelled`.
    public func send(_ text: String) async throws(SocketError) {
        try await self.send(.text(text))
    }

    /// Sends a message and waits until the transport has taken it.
    ///
    /// - Throws: `SocketError`: `.closed`, `.full`, `.cancelled`.
    public func send(_ message: SocketMessage) async throws(SocketError) {
        try await self.send([message])
    }

    /// Sends messages one after the other with a single write, and waits until the transport has taken all: a write for
    /// each costs far more than the bytes.
    ///
    /// - Throws: `SocketError`: `.closed`, `.full`, `.cancelled`.
    public func send(_ messages: [SocketMessage]) async throws(SocketError) {
        guard !messages.isEmpty else { return }
        let number = self.state.withLock { $0.takeNumber() }
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { sender in
                let refusal = self.change { state in
                    Task.isCancelled
                        ? .cancelled
                        : state.enqueue(ConnectionState.Message(number: number, content: messages, sender: sender))
                }
                if let refusal { sender.resume(returning: .failure(refusal)) }
            }
        } onCancel: {
            self.change { $0.withdraw(number) }?.resume(returning: .failure(.cancelled))
        }
        try outcome.get()
    }

    /// Begins the closing handshake: the peer may answer within `SocketTiming.closing`, then `run` returns. Messages
    /// that still wait are not sent. No effect on a connection that is closed already.
    ///
    /// - Parameter reason: For people; at most 123 bytes of it are sent.
    public func close(_ code: SocketCloseCode = .normal, reason: String = "") {
        let now = self.clock.now
        self.change { $0.machine.close(code, reason: reason, at: now) }
    }

    /// Sends a ping beside those of `SocketTiming.heartbeat`; it goes before messages that wait. No effect on a connection
    /// that is closed.
    ///
    /// - Parameter payload: Comes back with the pong; at most 125 bytes.
    public func ping(_ payload: ByteBuffer) {
        self.change { $0.machine.ping(payload) }
    }

    /// Ends the connection without a word to the peer; what waits is not sent. Then `run` returns.
    ///
    /// - Parameter reason: For people.
    public func drop(because reason: String) {
        self.transportEnds(reason)
    }

    // MARK: Running

    /// Speaks WebSocket over a transport until it is over; then the caller closes the transport. To be called once.
    ///
    /// No task of it is left when it returns. When the calling task is cancelled, the transport is given up at once.
    ///
    /// - Parameters:
    ///   - inbound: What the peer sends. Its next piece is asked for when `receive` is through with the one before.
    ///   - write: Called by one task at a time, the calling one; returns when the transport has taken the bytes.
    ///   - drop: Closes the transport so that a pending `write` ends: the peer does not read and its time is over.
    ///   - pong: Told of each pong with its payload, in turn with the messages.
    ///   - receive: Takes each message in turn. While it works nothing else is read, so the peer looks silent.
    public func run<Inbound: AsyncSequence & Sendable>(
        inbound: Inbound,
        write: (ByteBuffer) async throws -> Void,
        drop: @escaping @Sendable () -> Void,
        pong: @escaping @Sendable (ByteBuffer) async -> Void = { _ in },
        isolation: isolated (any Actor)? = #isolation,
        receive: @escaping @Sendable (SocketMessage) async -> Void
    ) async -> SocketEnding where Inbound.Element == ByteBuffer {
        precondition(self.change { $0.start(drop: drop) }, "a connection runs once")
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.keepTime() }
            group.addTask { await self.read(inbound, pong: pong, receive) }
            while let bytes = await self.nextWrite() {
                do {
                    try await write(bytes)
                    self.change { $0.written() }?.resume(returning: .success(()))
                } catch {
                    self.transportEnds("writing: \(error)")
                    self.change { $0.written() }?.resume(returning: .failure(.closed))
                }
            }
            group.cancelAll()
        }
        return self.ending ?? .lost(detail: "")
    }

    /// Ends a connection that never got a transport.
    func abandon() {
        self.transportEnds("it could not be opened")
        self.deadlineInput.finish()
    }

    private func keepTime() async {
        await withDiscardingTaskGroup { group in
            for await deadline in self.deadlines {
                group.addTask {
                    // Only fails when the connection is over.
                    guard await self.clock.pause(until: deadline) else { return }
                    let now = self.clock.now
                    self.change { _ = $0.machine.timePasses(at: now) }
                }
            }
            group.cancelAll()
        }
    }

    private func read<Inbound: AsyncSequence & Sendable>(
        _ inbound: Inbound, pong: @Sendable (ByteBuffer) async -> Void,
        _ receive: @Sendable (SocketMessage) async -> Void
    ) async where Inbound.Element == ByteBuffer {
        do {
            for try await bytes in inbound {
                self.change { $0.machine.receive(bytes) }
                while let event = self.nextEvent() {
                    switch event {
                    case .message(let message): await receive(message)
                    case .pong(let payload): await pong(payload)
                    case .ping, .closed: break
                    }
                }
            }
            self.transportEnds("the peer closed it")
        } catch {
            self.transportEnds("reading: \(error)")
        }
    }

    private func nextEvent() -> SocketEvent? {
        let now = self.clock.now
        return self.change { $0.machine.nextEvent(at: now) }
    }

    private func nextWrite() async -> ByteBuffer? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { writer in
                self.change { state in
                    if Task.isCancelled { _ = state.machine.transportEnds(detail: "given up") }
                    state.writerWaits(writer)
                }
            }
        } onCancel: {
            self.transportEnds("given up")
        }
    }

    private func transportEnds(_ detail: String) {
        self.change { _ = $0.machine.transportEnds(detail: detail) }
    }

    /// Changes the state and does outside the lock what follows from it.
    private func change<Result>(_ body: (inout sending ConnectionState) -> sending Result) -> sending Result {
        let (result, consequences) = self.state.withLock { state in
            let result = body(&state)
            return (result, state.settle())
        }
        consequences.writer?.continuation.resume(returning: consequences.writer?.bytes)
        for sender in consequences.refused { sender.resume(returning: .failure(.closed)) }
        if let deadline = consequences.deadline { self.deadlineInput.yield(deadline) }
        consequences.drop?()
        return result
    }
}
