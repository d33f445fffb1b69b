import DequeModule
public import NIOCore
public import StationCore

/// One end of a WebSocket without a socket: bytes and time go in, events and bytes to be sent come out (RFC 6455).
///
///     machine.receive(bytes, at: now)
///     while let event = machine.nextEvent(at: now) { … }
///     while let bytes = machine.nextControlFrame() { … send … }
///     … at machine.deadline: machine.timePasses(at: now) …
///
/// It answers pings, sends one Close at most, and nothing after it.
public struct SocketMachine: Sendable {
    private enum Phase {
        case open
        /// Our Close is out (or on its way), the peer's is awaited.
        case closing(SocketCloseCode, reason: String)
        /// All is said. What still comes is thrown away until the peer ends the transport, or, where it is for us to
        /// do that, until the Close is written.
        case draining(SocketEnding, endsByPeer: Bool)
        case finished(SocketEnding)
    }

    /// So many answers to pings wait at most; the RFC wants only the newest (5.5.3), but peers like all of them.
    private static let pongCapacity = 16

    public let role: SocketRole
    private let limits: SocketLimits
    private let timing: SocketTiming
    private let writer: FrameWriter
    private var phase = Phase.open
    private var reader: FrameReader
    private var controlFrames: TokenBucket
    private var pongs: Deque<ByteBuffer> = []
    private var ping: ByteBuffer?
    private var close: ByteBuffer?
    /// Pings since a frame of the peer's came.
    private var unansweredPings = 0

    /// When the last whole frame of the peer's came, whatever it was.
    public private(set) var lastFrameAt: MonotonicInstant?

    /// When `timePasses` wants to be called; nil when all is over.
    public private(set) var deadline: MonotonicInstant?

    public init(
        role: SocketRole, limits: SocketLimits = SocketLimits(), timing: SocketTiming = SocketTiming(),
        at now: MonotonicInstant
    ) {
        self.role = role
        self.limits = limits
        self.timing = timing
        self.writer = FrameWriter(role: role)
        self.reader = FrameReader(framesOf: role.peer, limits: limits)
        self.controlFrames = TokenBucket(limit: limits.controlFrames, at: now)
        self.deadline = timing.heartbeat.map(now.advanced)
    }

    /// Whether messages may still be sent.
    public var isOpen: Bool {
        if case .open = self.phase { true } else { false }
    }

    /// How it ended, once it has.
    public var ending: SocketEnding? {
        switch self.phase {
        case .open, .closing: nil
        case .draining(let ending, _), .finished(let ending): ending
        }
    }

    /// Whether the transport can be closed when the control frames are written that `nextControlFrame` gave out.
    public var isFinished: Bool {
        switch self.phase {
        case .open, .closing: false
        case .draining(_, let endsByPeer): !endsByPeer && self.close == nil
        case .finished: true
        }
    }

    /// Whether the transport must be closed now, also in the middle of writing.
    public var isOverdue: Bool {
        if case .finished = self.phase { true } else { false }
    }

    // MARK: Input

    /// Takes bytes of the peer's; ask `nextEvent` for what they mean until it returns nil.
    public mutating func receive(_ bytes: ByteBuffer) {
        guard self.ending == nil else { return }
        self.reader.append(bytes)
    }

    /// What the bytes so far amount to; nil when more are needed.
    public mutating func nextEvent(at now: MonotonicInstant) -> SocketEvent? {
        while self.ending == nil {
            do {
                guard let frame = try self.reader.next() else { return nil }
                self.unansweredPings = 0
                self.lastFrameAt = now
                if let event = try self.event(of: frame, at: now) { return event }
            } catch {
                return self.fail(error, at: now)
            }
        }
        return nil
    }

    /// The transport has ended, or is given up: what is still to be sent will not be.
    public mutating func transportEnds(detail: String) -> SocketEvent? {
        switch self.phase {
        case .open: self.finish(.lost(detail: detail))
        case .closing(let code, let reason): self.finish(.closedByUs(code, reason: reason, isAnswered: false))
        case .draining(let ending, _): self.finish(ending)
        case .finished: nil
        }
    }

    /// Does what the time demands: pings, and the end where the peer took too long.
    public mutating func timePasses(at now: MonotonicInstant) -> SocketEvent? {
        guard let deadline, deadline <= now else { return nil }
        return self.isOpen ? self.beat(at: now) : self.transportEnds(detail: "")
    }

    // MARK: Output

    /// The frame of a message; nil when the connection is no longer open.
    public func frame(of message: SocketMessage) -> ByteBuffer? {
        self.isOpen ? self.writer.message(message) : nil
    }

    /// Begins the closing handshake; no effect when it has begun or all is over.
    ///
    /// - Parameters:
    ///   - code: 1000 is sent for one that must not be sent (`SocketCloseCode.isSendable`).
    ///   - reason: Cut to 123 bytes.
    public mutating func close(_ code: SocketCloseCode, reason: String, at now: MonotonicInstant) {
        guard self.isOpen else { return }
        let code = code.isSendable ? code : .normal
        self.queueClose(code, reason: reason)
        self.phase = .closing(code, reason: reason)
        self.deadline = now.advanced(by: self.timing.closing)
    }

    /// Sends a ping beside those of the heartbeat; no effect when the connection is no longer open.
    ///
    /// - Parameter payload: Comes back with the pong; at most 125 bytes.
    public mutating func ping(_ payload: ByteBuffer) {
        guard self.isOpen else { return }
        self.ping = self.writer.ping(payload)
    }

    /// The next control frame that must be sent; it goes before any message that waits.
    public mutating func nextControlFrame() -> ByteBuffer? {
        if let pong = self.pongs.popFirst() { return pong }
        if let ping = self.ping.take() { return ping }
        return self.close.take()
    }

    // MARK: Rules

    private mutating func event(
        of frame: FrameReader.Result, at now: MonotonicInstant
    ) throws(SocketFault) -> SocketEvent? {
        switch frame {
        case .fragment:
            return nil
        case .message(let message):
            return self.isOpen ? .message(message) : nil
        case .ping(let payload):
            try self.admitControlFrame(at: now)
            guard self.isOpen else { return nil }
            if self.pongs.count == Self.pongCapacity { self.pongs.removeFirst() }
            self.pongs.append(self.writer.pong(payload))
            return .ping(payload)
        case .pong(let payload):
            try self.admitControlFrame(at: now)
            return self.isOpen ? .pong(payload) : nil
        case .close(let code, let reason):
            return self.peerCloses(code, reason: reason, at: now)
        }
    }

    private mutating func admitControlFrame(at now: MonotonicInstant) throws(SocketFault) {
        guard self.controlFrames.take(self.limits.controlFrames, at: now) else { throw .tooManyControlFrames }
    }

    private mutating func peerCloses(
        _ code: SocketCloseCode, reason: String, at now: MonotonicInstant
    ) -> SocketEvent {
        let ending: SocketEnding
        if case .closing(let code, let reason) = self.phase {
            ending = .closedByUs(code, reason: reason, isAnswered: true)
        } else {
            self.queueClose(code, reason: "")
            ending = .closedByPeer(code, reason: reason)
        }
        // The server closes the transport, the client waits for that (7.1.1).
        return self.drain(ending, endsByPeer: self.role == .client, until: now.advanced(by: self.timing.closing))
    }

    private mutating func fail(_ fault: SocketFault, at now: MonotonicInstant) -> SocketEvent {
        if self.isOpen { self.queueClose(fault.code, reason: fault.description) }
        return self.drain(.failed(fault), endsByPeer: true, until: now.advanced(by: self.timing.lingering))
    }

    private mutating func beat(at now: MonotonicInstant) -> SocketEvent? {
        guard self.unansweredPings < 2 else { return self.finish(.silent) }
        self.unansweredPings += 1
        self.ping = self.writer.ping(ByteBuffer(integer: UInt64.random(in: 0...UInt64.max)))
        self.deadline = self.timing.heartbeat.map(now.advanced)
        return nil
    }

    /// The Close is the last frame: a ping that still waits is left out.
    private mutating func queueClose(_ code: SocketCloseCode, reason: String) {
        self.ping = nil
        self.close = self.writer.close(code, reason: reason)
    }

    private mutating func drain(
        _ ending: SocketEnding, endsByPeer: Bool, until deadline: MonotonicInstant
    ) -> SocketEvent {
        self.phase = .draining(ending, endsByPeer: endsByPeer)
        self.deadline = deadline
        self.reader = FrameReader(framesOf: self.role.peer, limits: self.limits)
        return .closed(ending)
    }

    /// - Returns: The event, unless it was told when draining began.
    private mutating func finish(_ ending: SocketEnding) -> SocketEvent? {
        let event: SocketEvent? = self.ending == nil ? .closed(ending) : nil
        self.phase = .finished(ending)
        self.deadline = nil
        self.pongs = []
        self.ping = nil
        self.close = nil
        return event
    }
}
