public import PollLoop

/// One connection to a broker (MQTT 3.1.1), from its CONNECT to its end. It connects once: when it is lost or closed it
/// is finished for ever, everybody who waits hears so, and nothing that was not acknowledged is sent later. To be
/// connected again means to `open` another one.
///
/// It runs on the thread of its loop, and so does the message handler: from code on that loop use `assumeIsolated` and
/// pay for no hop. A connection that is not closed stays open even if nobody refers to it.
public actor MQTTConnection {
    enum Phase {
        case connecting
        case open
        /// DISCONNECT goes out once everything else is acknowledged.
        case closing
        case ended(MQTTError?)
    }

    /// Waits for the end of the connection.
    typealias EndWaiter = CheckedContinuation<Result<MQTTError?, CancellationError>, Never>

    public nonisolated let endpoint: MQTTEndpoint
    nonisolated let loop: LoopThread
    let options: MQTTConnectionOptions
    /// nil after the end, so that nobody keeps the message handler and what it captures.
    var order: DialOrder?

    var phase = Phase.connecting
    var handle: MosquittoHandle?
    var registration: LoopRegistration?

    /// Address families to try if the present attempt fails.
    var untriedFamilies: [DialOrder.Family] = []
    var isSocketConnected = false
    var connectWaiter: CheckedContinuation<Result<Void, MQTTError>, Never>?

    var outstanding = OutstandingMessages()
    var subscriptions: [Int32: PendingSubscription] = [:]
    var endWaiters: [UInt64: EndWaiter] = [:]
    var lastWaiter: UInt64 = 0
    var isDisconnectSent = false

    /// Connect deadline, then keep-alive.
    var mainTimer: LoopTimer?
    /// TLS handshake, later close limit.
    var sideTimer: LoopTimer?
    var acknowledgementTimer: LoopTimer?

    public nonisolated var unownedExecutor: UnownedSerialExecutor { self.loop.asUnownedSerialExecutor() }

    private init(loop: LoopThread, order: DialOrder) {
        self.loop = loop
        self.endpoint = order.endpoint
        self.options = order.options
        self.order = order
    }

    /// Connects to a broker.
    ///
    /// - Parameters:
    ///   - loop: the thread on which the connection lives; it must outlive the connection.
    ///   - onMessage: called on the loop's thread for each message, in order of arrival. It must not block. It may call
    ///     the connection (`assumeIsolated`); what it sends goes out when it returns.
    /// - Throws: `MQTTError`: `.refused`, `.unreachable`, `.timedOut`, `.rejected`, `.tls`, `.malformed`, `.lost`,
    ///   `.invalidOption`, `.invalidTopic` (of the last will), `.cancelled`.
    public static func open(
        on loop: LoopThread,
        to endpoint: MQTTEndpoint,
        options: MQTTConnectionOptions,
        onMessage: @escaping @Sendable (InboundMessage) -> Void
    ) async throws(MQTTError) -> MQTTConnection {
        let order = DialOrder(endpoint: endpoint, options: options, onMessage: onMessage)
        let connection = MQTTConnection(loop: loop, order: order)
        try await connection.connect()
        return connection
    }

    /// Whether messages can be sent.
    public var isOpen: Bool {
        if case .open = self.phase { true } else { false }
    }

    /// How many messages are on their way (QoS 1: not acknowledged, QoS 0: not yet written).
    public var unacknowledged: Int { self.outstanding.count }

    /// Waits until the connection has ended; nil if `close()` or `abort()` asked for it, else the reason.
    ///
    /// - Throws: `CancellationError` when the waiting task is cancelled; the connection stays.
    public var closed: MQTTError? {
        get async throws(CancellationError) {
            if case .ended(let reason) = self.phase { return reason }
            self.lastWaiter += 1
            let number = self.lastWaiter
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

    /// What a caller hears who is too late, or too early.
    var notOpen: MQTTError {
        if case .ended(let reason?) = self.phase { reason } else { .closed }
    }

    /// Runs `body` later, isolated.
    nonisolated func onLoop(_ body: @escaping @Sendable (isolated MQTTConnection) -> Void) {
        self.loop.execute { self.assumeIsolated(body) }
    }

    /// Sets a timer whose body is isolated.
    func after(
        _ delay: Duration,
        repeating period: Duration? = nil,
        _ body: @escaping @Sendable (isolated MQTTConnection) -> Void
    ) -> LoopTimer {
        self.loop.schedule(after: delay, repeating: period) { self.assumeIsolated(body) }
    }

    /// The one way out. Does nothing the second time. A message handler may call it, from within the library: the
    /// reference of the method that called the library keeps the handle until the library is left.
    func end(_ reason: MQTTError?) {
        if case .ended = self.phase { return }
        self.phase = .ended(reason)
        self.order?.cancel()
        self.order = nil
        for timer in [self.mainTimer, self.sideTimer, self.acknowledgementTimer] {
            if let timer { self.loop.cancel(timer) }
        }
        self.dropHandle()
        let failure = Result<Void, MQTTError>.failure(reason ?? .closed)
        self.connectWaiter?.resume(returning: failure)
        self.connectWaiter = nil
        for waiter in self.outstanding.removeAll() { waiter.resume(returning: failure) }
        for subscription in self.subscriptions.values { subscription.waiter?.resume(returning: failure) }
        self.subscriptions = [:]
        for waiter in self.endWaiters.values { waiter.resume(returning: .success(reason)) }
        self.endWaiters = [:]
    }

    func dropHandle() {
        if let registration { self.loop.unregister(registration) }
        self.registration = nil
        self.handle = nil
    }
}
