public import PollLoop

/// One connection to a bus, from its Hello to its end: a client of its own on the bus, shared with nobody in the
/// process. It connects once: when it is lost or closed it is finished for ever, everybody who waits hears so, and its
/// streams end. To be connected again means to `open` another one.
///
/// It runs on the thread of its loop. A connection that is not closed stays open even if nobody refers to it.
public actor BusConnection {
    enum Phase {
        case connecting
        case open
        case ended(BusError?)
    }

    /// Waits for the end of the connection.
    typealias EndWaiter = CheckedContinuation<Result<BusError?, CancellationError>, Never>

    nonisolated let loop: LoopThread
    var phase = Phase.connecting
    var socket: BusSocket?
    /// The name the bus gave us, such as `:1.7`.
    public internal(set) var uniqueName = ""

    var openWaiter: CheckedContinuation<Result<Void, BusError>, Never>?
    var openTimer: LoopTimer?
    var endWaiters: [UInt64: EndWaiter] = [:]
    /// Numbers waiters, subscriptions and exports.
    var lastNumber: UInt64 = 0

    var pending: [UInt32: PendingReply] = [:]
    var subscriptions: [UInt64: Subscription] = [:]
    var owners: [String: TrackedOwner] = [:]
    var exports: [String: ExportedObject] = [:]
    var requestsInWork = 0
    var isDrainDue = false

    public nonisolated var unownedExecutor: UnownedSerialExecutor { self.loop.asUnownedSerialExecutor() }

    private init(loop: LoopThread) {
        self.loop = loop
    }

    /// Connects to a bus.
    ///
    /// - Parameters:
    ///   - loop: the thread on which the connection lives; it must outlive the connection.
    ///   - limit: for all of it: socket, authentication, Hello.
    /// - Throws: `BusError`: `.unavailable`, `.disconnected`, `.timedOut`, `.cancelled`, `.invalid`, `.remote`.
    public static func open(
        _ address: BusAddress, on loop: LoopThread, within limit: Duration = .seconds(10)
    ) async throws(BusError) -> BusConnection {
        let connection = BusConnection(loop: loop)
        try await connection.connect(to: address, within: limit)
        return connection
    }

    /// Whether calls can be made.
    public var isOpen: Bool {
        if case .open = self.phase { true } else { false }
    }

    /// How many calls wait for their reply.
    public var callsInFlight: Int { self.pending.count }

    /// Waits until the connection has ended; nil if `close()` asked for it, else the reason.
    ///
    /// - Throws: `CancellationError` when the waiting task is cancelled; the connection stays.
    public var closed: BusError? {
        get async throws(CancellationError) {
            if case .ended(let reason) = self.phase { return reason }
            let number = self.nextNumber()
            let outcome = await withTaskCancellationHandler {
                await withCheckedContinuation { self.endWaiters[number] = $0 }
            } onCancel: {
                self.onLoop {
                    $0.endWaiters.removeValue(forKey: number)?.resume(returning: .failure(CancellationError()))
                }
            }
            return try outcome.get()
        }
    }

    /// Ends the connection: calls that wait fail with `.closed`, streams end, and the bus forgets the client with its
    /// names and its match rules. What the bus had not taken yet is not sent.
    public func close() {
        self.end(nil)
    }

    /// What a caller hears who is too late, or too early.
    var notOpen: BusError {
        if case .ended(let reason?) = self.phase { reason } else { .closed }
    }

    func nextNumber() -> UInt64 {
        self.lastNumber += 1
        return self.lastNumber
    }

    /// Runs `body` later, isolated.
    nonisolated func onLoop(_ body: @escaping @Sendable (isolated BusConnection) -> Void) {
        self.loop.execute { self.assumeIsolated(body) }
    }

    /// Sets a timer whose body is isolated.
    func after(_ delay: Duration, _ body: @escaping @Sendable (isolated BusConnection) -> Void) -> LoopTimer {
        self.loop.schedule(after: delay) { self.assumeIsolated(body) }
    }

    /// The one way out. Does nothing the second time.
    func end(_ reason: BusError?) {
        if case .ended = self.phase { return }
        self.phase = .ended(reason)
        if let openTimer { self.loop.cancel(openTimer) }
        self.openTimer = nil
        self.socket?.close()
        self.socket = nil
        let failure = reason ?? .closed
        self.openWaiter?.resume(returning: .failure(failure))
        self.openWaiter = nil
        let replies = self.pending.values
        self.pending = [:]
        for reply in replies { self.settle(reply, with: .failure(failure)) }
        for subscription in self.subscriptions.values { subscription.finish() }
        self.subscriptions = [:]
        self.owners = [:]
        self.exports = [:]
        for waiter in self.endWaiters.values { waiter.resume(returning: .success(reason)) }
        self.endWaiters = [:]
    }
}
