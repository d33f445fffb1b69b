public import StationCore

/// One virtual ESP32 as a pure state machine: what happens to it goes in, what it wants done comes out.
///
/// It speaks the `smarthome` dialect of contract 1 as the published firmware does, its dangers included: told
/// `unknown_device` three times in a row it wipes itself. The same profile, behaviour, seed and inputs give the same
/// actions.
public struct VirtualDeviceMachine: Sendable {
    /// How far the device has come.
    public enum Phase: String, Sendable, Hashable, CaseIterable {
        /// Without power; also before the first `pluggedIn`.
        case unplugged
        /// Between two connections.
        case waiting
        case connecting
        /// Connected; shakes hands until it is accepted.
        case greeting
        /// Connected, and told `ok`.
        case accepted
        /// Back in factory state after it wiped itself: silent for good.
        case wiped
    }

    public let profile: VirtualDeviceProfile
    public let behaviour: DeviceBehaviour
    public internal(set) var phase = Phase.unplugged
    /// The version that runs now.
    public internal(set) var firmwareVersion: String
    /// What the device would report if asked for everything.
    public internal(set) var state: JSONObject
    public internal(set) var tally = DeviceTally()
    /// The last commands, oldest first, at most `behaviour.commandLogLimit`.
    public internal(set) var receivedCommands: [ReceivedCommand] = []

    var timers = DeviceTimers()
    var generator: SeededGenerator
    var climate: ClimateModel
    var unknownInARow = 0
    var pendingVersion: String?
    /// What the present input has led to so far.
    var actions: [DeviceAction] = []
    private var backoff: Backoff
    private var connectedAt: MonotonicInstant?

    /// A device without power.
    ///
    /// - Parameters:
    ///   - seed: Decides everything that is left to chance.
    ///   - stream: Sets apart devices with the same seed, such as their place in a fleet.
    public init(
        profile: VirtualDeviceProfile, behaviour: DeviceBehaviour = DeviceBehaviour(), seed: UInt64 = 1,
        stream: Int = 0
    ) {
        self.profile = profile
        self.behaviour = behaviour
        self.firmwareVersion = profile.firmwareVersion
        self.state = profile.type.factoryState
        self.generator = SeededGenerator(seed: seed, stream: stream)
        self.climate = ClimateModel(using: &self.generator)
        self.backoff = Backoff(base: behaviour.reconnectBase, limit: behaviour.reconnectLimit)
    }

    public var isConnected: Bool { self.phase == .greeting || self.phase == .accepted }

    /// When `handle(.wake)` is to be called next; `nil` while the device waits for nothing.
    public var nextWake: MonotonicInstant? { self.timers.next }

    /// Takes an input and says what is to be done, in this order.
    ///
    /// - Parameter now: Never earlier than in the call before.
    public mutating func handle(_ input: DeviceInput, at now: MonotonicInstant) -> [DeviceAction] {
        switch input {
        case .pluggedIn: self.plugIn()
        case .unplugged: self.unplug()
        case .connected: self.connected(at: now)
        case .connectFailed: self.connectFailed(at: now)
        case .disconnected: self.disconnected(at: now)
        case .message(let suffix, let payload): self.received(payload, on: suffix, at: now)
        case .wake:
            while let timer = self.timers.takeDue(at: now) { self.fire(timer, at: now) }
        case .stimulus(let stimulus): self.feel(stimulus, at: now)
        }
        defer { self.actions = [] }
        return self.actions
    }

    // MARK: - Connection life

    private mutating func plugIn() {
        guard self.phase == .unplugged else { return }
        self.phase = .connecting
        self.actions.append(.connect)
    }

    private mutating func unplug() {
        guard self.phase != .wiped else { return }
        if self.isConnected { self.actions.append(.abort) }
        self.phase = .unplugged
        self.powerDown()
    }

    /// What does not live through a restart.
    private mutating func powerDown() {
        self.timers.cancelAll()
        self.pendingVersion = nil
        if self.profile.type.hasButton { self.state["button"] = false }
    }

    private mutating func connected(at now: MonotonicInstant) {
        guard self.phase == .connecting else {
            // Unplugged meanwhile: nobody is there to hold this connection.
            self.actions.append(.abort)
            return
        }
        self.phase = .greeting
        self.connectedAt = now
        if self.tally.connections > 0 { self.tally.reconnects += 1 }
        self.tally.connections += 1
        self.shakeHands(at: now)
        self.beat(at: now)
    }

    private mutating func connectFailed(at now: MonotonicInstant) {
        self.tally.connectFailures += 1
        guard self.phase == .connecting else { return }
        self.connectLater(after: self.backoff.next(using: &self.generator), at: now)
    }

    private mutating func disconnected(at now: MonotonicInstant) {
        guard self.isConnected else { return }
        self.tally.connectionsLost += 1
        if let since = self.connectedAt, since.duration(to: now) >= self.behaviour.stableAfter {
            self.backoff.reset()
        }
        self.connectLater(after: self.backoff.next(using: &self.generator), at: now)
    }

    /// Waits for the next attempt. An update under way or a finger on the button do not need the broker.
    private mutating func connectLater(after pause: Duration, at now: MonotonicInstant) {
        self.phase = .waiting
        self.timers.cancelAll(except: [.update, .release])
        self.timers.set(.connect, at: now.advanced(by: pause))
    }

    mutating func restart(at now: MonotonicInstant) {
        self.tally.restarts += 1
        if self.isConnected { self.actions.append(.disconnect) }
        self.actions.append(.notice(.rebooting))
        self.powerDown()
        self.connectLater(after: self.behaviour.rebootTime, at: now)
    }

    mutating func leaveNetwork(at now: MonotonicInstant) {
        // The radio is gone before anything could be said.
        self.actions.append(.abort)
        self.connectLater(after: self.behaviour.networkChangeTime, at: now)
    }

    mutating func wipe(_ reason: DeviceNotice.WipeReason) {
        self.tally.wipes += 1
        self.phase = .wiped
        self.powerDown()
        self.state = self.profile.type.factoryState
        // A chip that resets itself says no good-bye.
        self.actions.append(.abort)
        self.actions.append(.notice(.wipedItself(reason)))
    }

    // MARK: - Time

    private mutating func fire(_ timer: DeviceTimer, at now: MonotonicInstant) {
        switch timer {
        case .connect:
            self.phase = .connecting
            self.actions.append(.connect)
        case .handshake: self.shakeHands(at: now)
        case .heartbeat: self.beat(at: now)
        case .report: self.measure(at: now)
        case .motion: self.motionByChance(at: now)
        case .press: self.press(at: now)
        case .release: self.release(at: now)
        case .update: self.finishUpdate(at: now)
        }
    }

    private mutating func shakeHands(at now: MonotonicInstant) {
        self.timers.set(.handshake, at: now.advanced(by: self.behaviour.handshakeInterval))
        self.publish(.object(self.profile.handshake(firmwareVersion: self.firmwareVersion)), on: DeviceTopic.handshake)
        self.tally.sent.handshake += 1
    }

    private mutating func beat(at now: MonotonicInstant) {
        self.timers.set(.heartbeat, at: now.advanced(by: self.behaviour.heartbeatInterval))
        self.publish(DeviceTopic.online, on: DeviceTopic.heartbeat)
        self.tally.sent.heartbeat += 1
    }

    mutating func publish(_ value: JSONValue, on suffix: String) {
        self.publish(value.serialized(), on: suffix)
    }

    private mutating func publish(_ payload: [UInt8], on suffix: String) {
        let publication = DevicePublication(suffix: suffix, payload: payload, qos: self.behaviour.qos)
        self.actions.append(.publish(publication))
    }
}
