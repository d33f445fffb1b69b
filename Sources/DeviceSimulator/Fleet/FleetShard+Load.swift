import Logging
import MQTTTransport
import PollLoop
import StationCore

extension FleetShard {
    /// So many messages go out before sockets get their turn.
    private static let batch = 512
    private static let pause: Duration = .milliseconds(1)
    /// After a round in which no device took anything.
    private static let pauseWhenBlocked: Duration = .milliseconds(10)
    private static let drainLimit: Duration = .seconds(20)

    func checkReadiness() {
        guard let load = self.plan.load, !self.ready.isOpen else { return }
        let counted: [VirtualDeviceMachine.Phase] =
            switch load.start {
            case .connected: [.greeting, .accepted, .wiped]
            case .accepted: [.accepted, .wiped]
            }
        let count = counted.reduce(0) { $0 + self.census[$1, default: 0] }
        if count == self.devices.count { self.ready.open() }
    }

    /// Begins with this shard's share of the load.
    func startLoad(_ share: LoadPlan, at start: MonotonicInstant) {
        guard !self.isStopping, self.load == nil else { return }
        self.load = RunningLoad(
            plan: share, types: Set(self.devices.map(\.machine.profile.type)),
            pacer: LoadPacer(share, duration: self.plan.duration, startedAt: start), seed: self.plan.seed)
        if let duration = self.plan.duration {
            let remaining = Self.now.duration(to: start.advanced(by: duration))
            self.loop.schedule(after: max(.zero, remaining)) {
                self.assumeIsolated { $0.endLoad() }
            }
        }
        self.continueLoad()
    }

    private func continueLoad() {
        guard !self.isStopping, let pacer = self.load?.pacer, self.load?.endedAt == nil else { return }
        let due = pacer.due(at: Self.now)
        let wanted = min(due, Self.batch)
        let sent = self.sendRound(wanted)
        guard let next = self.load?.pacer.nextDue else {
            // A duration is waited for, though no message is due any more before its end.
            if self.plan.duration == nil || self.load?.isMessageLimitReached == true { self.endLoad() }
            return
        }
        let pause: Duration =
            if sent < wanted {
                Self.pauseWhenBlocked
            } else if due > wanted {
                .zero
            } else {
                max(Self.pause, Self.now.duration(to: next))
            }
        self.loop.schedule(after: pause) {
            self.assumeIsolated { $0.continueLoad() }
        }
    }

    /// Has devices take turns until so many messages are sent or none of the devices takes one.
    private func sendRound(_ wanted: Int) -> Int {
        guard var load = self.load else { return 0 }
        var sent = 0
        var failures = 0
        while sent < wanted, failures < self.devices.count {
            let index = load.cursor
            load.cursor = index + 1 == self.devices.count ? 0 : index + 1
            if self.sendOne(load, from: index) {
                sent += 1
                failures = 0
            } else {
                failures += 1
            }
            load.skipped += failures > 0 ? 1 : 0
        }
        load.pacer.count(sent)
        self.load = load
        return sent
    }

    private func sendOne(_ load: RunningLoad, from index: Int) -> Bool {
        guard let connection = self.devices[index].connection else { return false }
        switch self.devices[index].machine.phase {
        case .accepted: break
        case .greeting where load.plan.start == .connected: break
        default: return false
        }
        let number = self.devices[index].sequence + 1
        let type = self.devices[index].machine.profile.type
        guard let payload = load.payloads[type]?.payload(number: number) else { return false }
        let message = MQTTMessage(topic: self.devices[index].stateTopic, payload: payload, qos: load.plan.qos)
        guard Self.enqueue(message, on: connection) else { return false }
        self.devices[index].sequence = number
        return true
    }

    /// Sends no more; the load is done when all of it has arrived at the broker.
    private func endLoad() {
        guard let pacer = self.load?.pacer, self.load?.endedAt == nil else { return }
        let now = Self.now
        // What has become due since the last round.
        _ = self.sendRound(min(pacer.due(at: now), Self.batch))
        self.load?.endedAt = now
        self.load?.drainUntil = now.advanced(by: Self.drainLimit)
        self.drain()
    }

    private func drain() {
        guard !self.isStopping, let limit = self.load?.drainUntil else { return self.loadDone.open() }
        guard self.unacknowledged > 0 else { return self.loadDone.open() }
        guard Self.now < limit else {
            self.logger.warning(
                "the load ended with messages that the broker has not acknowledged",
                metadata: ["messages": "\(self.unacknowledged)"])
            return self.loadDone.open()
        }
        self.loop.schedule(after: Self.pauseWhenBlocked) {
            self.assumeIsolated { $0.drain() }
        }
    }

    var unacknowledged: Int {
        self.devices.reduce(0) { sum, device in
            sum + (device.connection?.assumeIsolated { $0.unacknowledged } ?? 0)
        }
    }
}
