import DequeModule
import NIOCore
import StationCore

/// What a `SocketConnection` keeps under its lock: the machine, the messages that wait, and who is suspended on what.
struct ConnectionState {
    typealias Sender = CheckedContinuation<Result<Void, SocketError>, Never>
    /// Takes what is to be written, nil when all is written for good.
    typealias Writer = CheckedContinuation<ByteBuffer?, Never>

    struct Message {
        let number: Int
        /// Sent with one write.
        let content: [SocketMessage]
        let sender: Sender
    }

    /// What must be done outside the lock after a change.
    struct Consequences {
        var writer: (continuation: Writer, bytes: ByteBuffer?)?
        var refused: [Sender] = []
        /// A deadline that no timer knows of yet.
        var deadline: MonotonicInstant?
        var drop: (@Sendable () -> Void)?
    }

    private enum Write {
        case nothingNow
        case nothingAnyMore
        case bytes(ByteBuffer)
    }

    var machine: SocketMachine
    private let capacity: Int
    private var waiting: Deque<Message> = []
    /// The message that is being written; its sender waits for that.
    private var current: Message?
    private var isWriting = false
    private var writer: Writer?
    private var nextNumber = 0
    private var drop: (@Sendable () -> Void)?
    private var knownDeadline: MonotonicInstant?

    init(machine: SocketMachine, capacity: Int) {
        self.machine = machine
        self.capacity = capacity
    }

    var waitingMessages: Int { self.waiting.count }

    /// False when it has been run before.
    mutating func start(drop: @escaping @Sendable () -> Void) -> Bool {
        guard self.drop == nil else { return false }
        self.drop = drop
        return true
    }

    mutating func takeNumber() -> Int {
        self.nextNumber += 1
        return self.nextNumber
    }

    /// - Returns: Why not, if not.
    mutating func enqueue(_ message: Message) -> SocketError? {
        guard self.machine.isOpen else { return .closed }
        guard self.waiting.count < self.capacity else { return .full(limit: self.capacity) }
        self.waiting.append(message)
        return nil
    }

    /// Forgets the message, or only its sender if it is being written.
    mutating func withdraw(_ number: Int) -> Sender? {
        if let current, current.number == number {
            self.current = nil
            return current.sender
        }
        guard let index = self.waiting.firstIndex(where: { $0.number == number }) else { return nil }
        return self.waiting.remove(at: index).sender
    }

    mutating func writerWaits(_ continuation: Writer) {
        self.isWriting = false
        self.writer = continuation
    }

    /// The last write is through: its sender.
    mutating func written() -> Sender? {
        self.isWriting = false
        return self.current.take()?.sender
    }

    mutating func settle() -> Consequences {
        var consequences = Consequences()
        if !self.machine.isOpen {
            consequences.refused = self.waiting.map(\.sender)
            self.waiting = []
        }
        if let writer {
            switch self.nextWrite() {
            case .nothingNow: break
            case .nothingAnyMore: consequences.writer = (writer, nil)
            case .bytes(let bytes): consequences.writer = (writer, bytes)
            }
            self.isWriting = consequences.writer?.bytes != nil
            if consequences.writer != nil { self.writer = nil }
        }
        if let deadline = self.machine.deadline, deadline != self.knownDeadline {
            self.knownDeadline = deadline
            consequences.deadline = deadline
        }
        if self.machine.isOverdue, self.isWriting { consequences.drop = self.drop.take() }
        return consequences
    }

    private mutating func nextWrite() -> Write {
        if let frame = self.machine.nextControlFrame() { return .bytes(frame) }
        if self.machine.isFinished { return .nothingAnyMore }
        guard let message = self.waiting.popFirst(), let frames = self.frames(of: message.content) else {
            return .nothingNow
        }
        self.current = message
        return .bytes(frames)
    }

    private func frames(of messages: [SocketMessage]) -> ByteBuffer? {
        guard let first = messages.first, var frames = self.machine.frame(of: first) else { return nil }
        for message in messages.dropFirst() {
            guard var frame = self.machine.frame(of: message) else { return nil }
            frames.writeBuffer(&frame)
        }
        return frames
    }
}
