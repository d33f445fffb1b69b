public import StationCore

/// A whole fleet at about one moment: its shards are asked one after the other.
public struct FleetSnapshot: Sendable, Hashable {
    /// How far a load has come.
    public struct Load: Sendable, Hashable {
        /// Messages handed to the connections.
        public var sent = 0
        /// Messages that should have been sent by now; more than `sent` means that something is too slow.
        public var planned = 0
        /// How often a device could not take its turn: without connection, or with too much under way.
        public var skipped = 0
        /// Since the start of the load.
        public var elapsed: Duration = .zero
        /// Whether the message limit is reached.
        public var isFinished = true

        public init() {}
    }

    public var devices = 0
    /// Devices with a connection, accepted or not.
    public var connected = 0
    /// Devices that the station has accepted and that are connected.
    public var accepted = 0
    /// Devices in factory state.
    public var wiped = 0
    /// The sums over all devices; load messages are counted among the states.
    public var tally = DeviceTally()
    /// Messages that the broker has not acknowledged yet, or that are not yet written.
    public var unacknowledged = 0
    /// `nil` before the load starts and when there is none.
    public var load: Load?

    public init() {}

    /// Everything, for scripts: times in seconds, names in snake case.
    public var json: JSONValue {
        let tally = self.tally
        var object: JSONObject = [
            "devices": Self.number(self.devices), "connected": Self.number(self.connected),
            "accepted": Self.number(self.accepted), "wiped": Self.number(self.wiped),
            "sent": [
                "handshake": Self.number(tally.sent.handshake), "state": Self.number(tally.sent.state),
                "event": Self.number(tally.sent.event), "heartbeat": Self.number(tally.sent.heartbeat),
                "raw": Self.number(tally.sent.raw), "total": Self.number(tally.sent.total),
            ],
            "unacknowledged": Self.number(self.unacknowledged), "refused": Self.number(tally.refused),
            "commands": Self.number(tally.commands), "unknown_commands": Self.number(tally.unknownCommands),
            "bad_payloads": Self.number(tally.badPayloads), "stray_messages": Self.number(tally.strayMessages),
            "acknowledgements": Self.number(tally.acknowledgements),
            "unknown_device": Self.number(tally.unknownDevice), "restarts": Self.number(tally.restarts),
            "connections": Self.number(tally.connections), "reconnects": Self.number(tally.reconnects),
            "connections_lost": Self.number(tally.connectionsLost),
            "connect_failures": Self.number(tally.connectFailures),
        ]
        if let load = self.load {
            let seconds = load.elapsed.seconds
            object["load"] = [
                "sent": Self.number(load.sent), "planned": Self.number(load.planned),
                "skipped": Self.number(load.skipped), "elapsed": JSONValue(seconds),
                "rate": JSONValue(seconds > 0 ? Double(load.sent) / seconds : 0), "finished": .bool(load.isFinished),
            ]
        }
        return .object(object)
    }

    private static func number(_ value: Int) -> JSONValue { .integer(Int64(value)) }

    /// Adds another part of the same fleet.
    mutating func add(_ part: FleetSnapshot) {
        self.devices += part.devices
        self.connected += part.connected
        self.accepted += part.accepted
        self.wiped += part.wiped
        self.tally.add(part.tally)
        self.unacknowledged += part.unacknowledged
        guard let load = part.load else { return }
        var sum = self.load ?? Load()
        sum.sent += load.sent
        sum.planned += load.planned
        sum.skipped += load.skipped
        sum.elapsed = max(sum.elapsed, load.elapsed)
        sum.isFinished = sum.isFinished && load.isFinished
        self.load = sum
    }
}
