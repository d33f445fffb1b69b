internal import CLinux
internal import Glibc

/// The loop's descriptors and timers. Confined to the loop's thread.
final class Reactor {
    /// One turn handles at most this many events; the rest is handed out in the next, so that jobs and timers get
    /// their share.
    private static let eventsPerTurn = 512
    /// No registration has it: slots are counted from 0 and never get that far.
    private static let wakeKey = UInt64.max

    private let epoll: Int32
    private let wakeDescriptor: Int32
    private let events: UnsafeMutableBufferPointer<epoll_event>
    private var table = DescriptorTable()
    private var isStopped = false
    private var timers = TimerQueue()

    init(wakeDescriptor: Int32) throws(LoopError) {
        self.wakeDescriptor = wakeDescriptor
        self.epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard self.epoll >= 0 else { throw LoopError(call: "epoll_create1") }
        self.events = .allocate(capacity: Self.eventsPerTurn)
        self.events.initialize(repeating: epoll_event())
        guard self.control(EPOLL_CTL_ADD, wakeDescriptor, Self.mask(.read), Self.wakeKey) else {
            throw LoopError(call: "epoll_ctl")
        }
    }

    deinit {
        self.events.deallocate()
        close(self.epoll)
    }

    func register(
        _ descriptor: Int32,
        for interest: Interest,
        handler: @escaping @Sendable (DescriptorEvents) -> Void
    ) throws(LoopError) -> LoopRegistration {
        guard !self.isStopped else { throw .stopped }
        let entry = DescriptorTable.Entry(descriptor: descriptor, interest: interest, handler: handler)
        let registration = self.table.insert(entry)
        guard self.control(EPOLL_CTL_ADD, descriptor, Self.mask(interest), Self.key(registration)) else {
            let error = LoopError(call: "epoll_ctl")
            _ = self.table.remove(registration)
            throw error
        }
        return registration
    }

    func update(_ registration: LoopRegistration, to interest: Interest) throws(LoopError) {
        guard let entry = self.table[registration], entry.interest != interest else { return }
        guard self.control(EPOLL_CTL_MOD, entry.descriptor, Self.mask(interest), Self.key(registration)) else {
            throw LoopError(call: "epoll_ctl")
        }
        self.table.setInterest(interest, of: registration)
    }

    func unregister(_ registration: LoopRegistration) {
        guard let entry = self.table.remove(registration) else { return }
        // Fails when the descriptor was closed before, and then the kernel has forgotten it already.
        _ = self.control(EPOLL_CTL_DEL, entry.descriptor, 0, 0)
    }

    /// After the stop a timer never fires.
    func schedule(at deadline: UInt64, period: UInt64?, _ action: @escaping @Sendable () -> Void) -> LoopTimer {
        self.isStopped ? TimerQueue.never : self.timers.add(at: deadline, period: period, action)
    }

    func cancel(_ timer: LoopTimer) {
        self.timers.cancel(timer)
    }

    func fireDueTimers() {
        guard let next = self.timers.nextDeadline else { return }
        let now = LoopThread.now()
        guard next <= now else { return }
        while let action = self.timers.takeDue(now: now) {
            action()
        }
    }

    /// Milliseconds, rounded up, until a timer is due.
    func untilNextTimer(atMost limit: Duration) -> Int32 {
        let longest = limit.wholeNanoseconds
        guard let deadline = self.timers.nextDeadline else { return Int32(longest / 1_000_000) }
        let now = LoopThread.now()
        guard deadline > now else { return 0 }
        return Int32((min(deadline - now, longest) + 999_999) / 1_000_000)
    }

    /// Sleeps until something happens; the number of events for `dispatch`.
    func wait(milliseconds: Int32) -> Int {
        // Fails only with EINTR, and that is a turn without events.
        max(0, Int(epoll_wait(self.epoll, self.events.baseAddress, Int32(Self.eventsPerTurn), milliseconds)))
    }

    func dispatch(_ count: Int) {
        for event in self.events[..<count] {
            let key = event.data.u64
            guard key != Self.wakeKey else {
                var ignored = eventfd_t()
                eventfd_read(self.wakeDescriptor, &ignored)
                continue
            }
            let registration = LoopRegistration(
                slot: UInt32(truncatingIfNeeded: key), generation: UInt32(truncatingIfNeeded: key >> 32))
            self.table[registration]?.handler(Self.readiness(event.events))
        }
    }

    func stop() {
        self.isStopped = true
        self.timers.removeAll()
        for entry in self.table.removeAll() {
            _ = self.control(EPOLL_CTL_DEL, entry.descriptor, 0, 0)
            entry.handler(.stopped)
        }
    }

    private func control(_ operation: Int32, _ descriptor: Int32, _ events: UInt32, _ key: UInt64) -> Bool {
        var event = epoll_event()
        event.events = events
        event.data.u64 = key
        return epoll_ctl(self.epoll, operation, descriptor, &event) == 0
    }

    private static func key(_ registration: LoopRegistration) -> UInt64 {
        UInt64(registration.generation) << 32 | UInt64(registration.slot)
    }

    private static func mask(_ interest: Interest) -> UInt32 {
        switch interest {
        case .read: EPOLLIN.rawValue
        case .write: EPOLLOUT.rawValue
        case .readWrite: EPOLLIN.rawValue | EPOLLOUT.rawValue
        }
    }

    private static func readiness(_ events: UInt32) -> DescriptorEvents {
        var readiness: DescriptorEvents = []
        if events & EPOLLIN.rawValue != 0 { readiness.insert(.readable) }
        if events & EPOLLOUT.rawValue != 0 { readiness.insert(.writable) }
        if events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 { readiness.insert(.hungUp) }
        return readiness
    }
}
