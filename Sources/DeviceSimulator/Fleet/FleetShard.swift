import Logging
import MQTTTransport
import PollLoop
import StationCore

/// The devices of a fleet that live on one loop thread, and the shell around their machines: it feeds them what happens
/// and does what they ask.
actor FleetShard {
    nonisolated let loop: LoopThread
    nonisolated let plan: FleetPlan
    /// Open once the load may begin, for good or because patience has ended.
    nonisolated let ready = Latch()
    /// Open once the load has ended and everything of it is acknowledged.
    nonisolated let loadDone = Latch()
    let logger: Logger

    var devices: [FleetDevice]
    /// How many devices are in each phase.
    var census: [VirtualDeviceMachine.Phase: Int]
    var load: RunningLoad?
    var isStopping = false

    /// Devices that want to be connected, each at most once.
    let orders: AsyncStream<Int>
    let orderInlet: AsyncStream<Int>.Continuation
    /// How many more devices may begin to connect.
    var freeSlots: Int
    var slotWaiter: CheckedContinuation<Void, Never>?

    nonisolated var unownedExecutor: UnownedSerialExecutor { self.loop.asUnownedSerialExecutor() }

    static var now: MonotonicInstant {
        MonotonicInstant(sinceOrigin: .nanoseconds(Int64(clamping: LoopThread.now())))
    }

    /// - Parameter members: The devices with their indices in the fleet.
    init(plan: FleetPlan, members: [(index: Int, profile: VirtualDeviceProfile)], loop: LoopThread, logger: Logger) {
        self.plan = plan
        self.loop = loop
        self.logger = logger
        let behaviour = plan.load == nil ? plan.behaviour : plan.behaviour.forLoad
        self.devices = members.map { member in
            let machine = VirtualDeviceMachine(
                profile: member.profile, behaviour: behaviour, seed: plan.seed, stream: member.index)
            return FleetDevice(machine: machine, stationID: plan.stationID)
        }
        self.census = [.unplugged: members.count]
        self.freeSlots = max(1, plan.connectsInFlight / plan.loops)
        (self.orders, self.orderInlet) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(members.count))
    }

    // MARK: - Machines

    /// Tells a device what happened and does what it wants.
    func feed(_ input: DeviceInput, to index: Int) {
        let before = self.devices[index].machine.phase
        let now = Self.now
        let actions = self.devices[index].machine.handle(input, at: now)
        let after = self.devices[index].machine.phase
        if before != after {
            self.census[before, default: 0] -= 1
            self.census[after, default: 0] += 1
            self.checkReadiness()
        }
        for action in actions { self.perform(action, for: index) }
        self.setTimer(of: index, now: now)
    }

    private func perform(_ action: DeviceAction, for index: Int) {
        switch action {
        case .connect: self.order(index)
        case .publish(let publication):
            guard let connection = self.devices[index].connection else { return }
            let message = MQTTMessage(
                topic: self.devices[index].topic(publication.suffix), payload: publication.payload,
                qos: publication.qos, retain: publication.isRetained)
            if !Self.enqueue(message, on: connection) { self.devices[index].machine.tally.refused += 1 }
        case .disconnect:
            guard let connection = self.release(index) else { return }
            // The session waits for the end of it.
            Task { await connection.close() }
        case .abort: self.release(index)?.assumeIsolated { $0.abort() }
        case .notice(let notice): self.log(notice, of: index)
        }
    }

    /// The connection of a device, which it is to have no longer.
    func release(_ index: Int) -> MQTTConnection? {
        let connection = self.devices[index].connection
        self.devices[index].connection = nil
        return connection
    }

    /// False when the connection does not take it.
    static func enqueue(_ message: MQTTMessage, on connection: MQTTConnection) -> Bool {
        connection.assumeIsolated { connection in
            do throws(MQTTError) {
                try connection.enqueue(message)
                return true
            } catch {
                return false
            }
        }
    }

    private func setTimer(of index: Int, now: MonotonicInstant) {
        let wakeAt = self.isStopping ? nil : self.devices[index].machine.nextWake
        guard wakeAt != self.devices[index].wakeAt else { return }
        if let timer = self.devices[index].timer { self.loop.cancel(timer) }
        self.devices[index].timer = nil
        self.devices[index].wakeAt = wakeAt
        guard let wakeAt else { return }
        self.devices[index].timer = self.loop.schedule(after: max(.zero, now.duration(to: wakeAt))) {
            self.assumeIsolated { $0.wake(index) }
        }
    }

    private func wake(_ index: Int) {
        self.devices[index].timer = nil
        self.devices[index].wakeAt = nil
        self.feed(.wake, to: index)
    }

    private func log(_ notice: DeviceNotice, of index: Int) {
        let level: Logger.Level =
            switch notice {
            case .wipedItself: .warning
            case .accepted, .toldUnknown, .ignoredStimulus, .ignoredPayload, .ignoredCommand: .debug
            case .rebooting, .updating, .updateFailed, .changingNetwork, .obeyed: .info
            }
        self.logger.log(
            level: level, "\(notice)",
            metadata: ["device": "\(self.devices[index].machine.profile.externalID)"])
    }
}
