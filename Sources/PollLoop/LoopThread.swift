internal import CLinux
internal import Glibc
internal import Synchronization

/// One thread that is a serial executor and an epoll loop: a home for actors that own a C library with a socket.
///
/// An actor that names it as its `unownedExecutor` runs on this thread, and the handlers of its descriptors and timers
/// are called on the same thread, where `assumeIsolated` holds. So library, socket and state need no locks.
///
/// The thread must outlive its actors: `stop()` comes last. What is enqueued after that still runs, one job at a time
/// on a passing thread, so that no caller waits for ever; but descriptors and timers are gone by then.
///
/// SIGPIPE is blocked on the thread: a write to a closed socket is an error there, never a signal.
public final class LoopThread: SerialExecutor {
    /// The thread turns at least this often, even with nothing to do, so that a watchdog can see that it lives.
    static let longestPause: Duration = .seconds(1)

    private let inbox = Mutex(LoopInbox())
    private let turnCount = Atomic<UInt64>(0)
    /// The thread that runs the jobs now, 0 for none.
    private let runner = Atomic<pthread_t>(0)
    private let thread = Mutex<SystemThread?>(nil)
    private let wakeDescriptor: Int32
    /// Only the loop's thread touches it; every door to it checks that first.
    nonisolated(unsafe) let reactor: Reactor

    /// Starts the thread.
    ///
    /// - Parameter name: what `top -H` shows; at most 15 bytes are used.
    /// - Throws: `LoopError.system` when descriptors or threads have run out.
    public init(name: String) throws(LoopError) {
        let wakeDescriptor = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
        guard wakeDescriptor >= 0 else { throw LoopError(call: "eventfd") }
        self.wakeDescriptor = wakeDescriptor
        do {
            self.reactor = try Reactor(wakeDescriptor: wakeDescriptor)
        } catch {
            Glibc.close(wakeDescriptor)
            throw error
        }
        let thread = try SystemThread(name: name) { self.run() }
        self.thread.withLock { $0 = thread }
    }

    deinit {
        // Not earlier: somebody who is about to wake the loop holds a reference to it.
        Glibc.close(self.wakeDescriptor)
    }

    /// How often the loop has turned: grows at least once a second while the loop lives. Readable from any thread.
    public var turns: UInt64 { self.turnCount.load(ordering: .relaxed) }

    /// Whether the caller is on the loop's thread.
    public var isCurrent: Bool { self.runner.load(ordering: .relaxed) == pthread_self() }

    /// Runs `body` on the loop's thread, after what was enqueued before.
    public func execute(_ body: @escaping @Sendable () -> Void) {
        self.post(.closure(body))
    }

    /// Stops the loop and joins its thread. Every registered descriptor hears `DescriptorEvents.stopped`, timers are
    /// dropped, and jobs that are already enqueued run first. Blocks for so long; must not be called on the loop.
    public func stop() {
        precondition(!self.isCurrent, "a loop cannot join itself")
        self.inbox.withLock { $0.isStopRequested = true }
        self.wake()
        // The lock is held through the join, so that a second caller returns no earlier than the first.
        self.thread.withLock { thread in
            guard let running = thread else { return }
            running.join()
            thread = nil
        }
    }

    // MARK: - SerialExecutor

    public func enqueue(_ job: consuming ExecutorJob) {
        self.post(.job(UnownedJob(job)))
    }

    public func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        UnownedSerialExecutor(ordinary: self)
    }

    public func checkIsolated() {
        precondition(self.isCurrent, "this must be called on its loop thread")
    }

    public func isIsolatingCurrentContext() -> Bool? {
        self.isCurrent
    }

    // MARK: - The thread

    private func post(_ work: LoopInbox.Work) {
        switch self.inbox.withLock({ $0.add(work) }) {
        case .nothing: break
        case .wake: self.wake()
        case .startDrain:
            do {
                try SystemThread.detach(name: "loop-drain") { self.drainAfterEnd() }
            } catch {
                // The caller's own thread is the last resort: a job that never runs would be a hang.
                self.drainAfterEnd()
            }
        }
    }

    private func wake() {
        eventfd_write(self.wakeDescriptor, 1)
    }

    private func run() {
        self.runner.store(pthread_self(), ordering: .relaxed)
        var batch: [LoopInbox.Work] = []
        while true {
            let isStopping = self.inbox.withLock { $0.take(into: &batch) }
            self.perform(&batch)
            if isStopping { break }
            self.reactor.fireDueTimers()
            let pause = self.reactor.untilNextTimer(atMost: Self.longestPause)
            let mustHurry = self.inbox.withLock { !$0.mayPause() }
            let events = self.reactor.wait(milliseconds: mustHurry ? 0 : pause)
            self.inbox.withLock { $0.isAwake = true }
            self.turnCount.add(1, ordering: .relaxed)
            self.reactor.dispatch(events)
        }
        self.reactor.stop()
        while self.inbox.withLock({ $0.takeOrEnd(into: &batch) }) {
            self.perform(&batch)
        }
        self.runner.store(0, ordering: .relaxed)
    }

    private func drainAfterEnd() {
        self.runner.store(pthread_self(), ordering: .relaxed)
        var batch: [LoopInbox.Work] = []
        while self.inbox.withLock({ $0.takeAfterEnd(into: &batch) }) {
            self.perform(&batch)
        }
        // Unless the next passing thread has begun already.
        _ = self.runner.compareExchange(expected: pthread_self(), desired: 0, ordering: .relaxed)
    }

    private func perform(_ batch: inout [LoopInbox.Work]) {
        let executor = self.asUnownedSerialExecutor()
        for work in batch {
            switch work {
            case .job(let job): job.runSynchronously(on: executor)
            case .closure(let body): body()
            }
        }
        batch.removeAll(keepingCapacity: true)
    }
}
