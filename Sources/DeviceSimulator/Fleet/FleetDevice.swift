import MQTTTransport
import PollLoop
import StationCore

/// A device of a shard: the machine, and what the shell holds for it.
struct FleetDevice {
    var machine: VirtualDeviceMachine
    let topic: DeviceTopic
    /// The topic of its states, written out for the load.
    let stateTopic: String

    /// The connection that the machine has or is about to have.
    var connection: MQTTConnection?
    /// Sets apart the messages of this connection from those of an earlier one.
    var generation = 0
    /// Whether a session is ordered, under way or not quite over: there is never more than one.
    var isInSession = false
    /// Whether the machine asked for a connection while the session before was not over.
    var mustConnectAgain = false

    /// The timer for `wakeAt`.
    var timer: LoopTimer?
    var wakeAt: MonotonicInstant?

    /// The number of its last load message.
    var sequence = 0

    init(machine: VirtualDeviceMachine, stationID: StationID) {
        self.machine = machine
        self.topic = DeviceTopic(stationID: stationID, externalID: machine.profile.externalID)
        self.stateTopic = self.topic(DeviceTopic.state)
    }

    var snapshot: DeviceSnapshot {
        var tally = self.machine.tally
        tally.sent.state += self.sequence
        return DeviceSnapshot(
            profile: self.machine.profile, phase: self.machine.phase, firmwareVersion: self.machine.firmwareVersion,
            state: self.machine.state, tally: tally, sequence: self.sequence,
            receivedCommands: self.machine.receivedCommands
        )
    }
}
