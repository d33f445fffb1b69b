/// What a virtual device has counted since it was made.
public struct DeviceTally: Sendable, Hashable {
    /// Messages by kind.
    public struct Sent: Sendable, Hashable {
        public var handshake = 0
        public var state = 0
        public var event = 0
        public var heartbeat = 0
        /// Sent by a test's own hand.
        public var raw = 0

        public var total: Int { self.handshake + self.state + self.event + self.heartbeat + self.raw }
    }

    /// Messages that the device gave to its connection.
    public var sent = Sent()
    /// How many of them the connection did not take: too much was under way, or it had just broken.
    public var refused = 0
    /// Connections that were established.
    public var connections = 0
    /// Those of them that were not the first.
    public var reconnects = 0
    /// Connections that broke without the device wanting it.
    public var connectionsLost = 0
    /// Attempts to connect that failed.
    public var connectFailures = 0
    /// `handshake/ack` with `ok`.
    public var acknowledgements = 0
    /// `handshake/ack` with `unknown_device`.
    public var unknownDevice = 0
    /// Well-formed commands, obeyed or not.
    public var commands = 0
    /// Commands that the device does not know.
    public var unknownCommands = 0
    /// Payloads on `handshake/ack` or `command` that were no sense to it.
    public var badPayloads = 0
    /// Messages on any other topic.
    public var strayMessages = 0
    /// Returns to factory state.
    public var wipes = 0
    /// Restarts by `reboot` or after an update.
    public var restarts = 0

    public init() {}

    /// Adds what another device has counted.
    mutating func add(_ other: DeviceTally) {
        self.sent.handshake += other.sent.handshake
        self.sent.state += other.sent.state
        self.sent.event += other.sent.event
        self.sent.heartbeat += other.sent.heartbeat
        self.sent.raw += other.sent.raw
        self.refused += other.refused
        self.connections += other.connections
        self.reconnects += other.reconnects
        self.connectionsLost += other.connectionsLost
        self.connectFailures += other.connectFailures
        self.acknowledgements += other.acknowledgements
        self.unknownDevice += other.unknownDevice
        self.commands += other.commands
        self.unknownCommands += other.unknownCommands
        self.badPayloads += other.badPayloads
        self.strayMessages += other.strayMessages
        self.wipes += other.wipes
        self.restarts += other.restarts
    }
}
