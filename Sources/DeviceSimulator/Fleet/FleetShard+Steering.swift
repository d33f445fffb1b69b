import MQTTTransport
import StationCore

// What tests and the command line ask for. Indices are the shard's own.

extension FleetShard {
    var snapshot: FleetSnapshot {
        var snapshot = FleetSnapshot()
        snapshot.devices = self.devices.count
        snapshot.accepted = self.census[.accepted, default: 0]
        snapshot.connected = snapshot.accepted + self.census[.greeting, default: 0]
        snapshot.wiped = self.census[.wiped, default: 0]
        snapshot.unacknowledged = self.unacknowledged
        snapshot.load = self.load?.snapshot(at: Self.now)
        for device in self.devices {
            snapshot.tally.add(device.machine.tally)
            snapshot.tally.sent.state += device.sequence
        }
        return snapshot
    }

    func device(at index: Int) -> DeviceSnapshot {
        self.devices[index].snapshot
    }

    /// Drops a device's connection without its having lost power.
    func cutConnection(of index: Int) {
        guard let connection = self.release(index) else { return }
        connection.assumeIsolated { $0.abort() }
        self.feed(.disconnected, to: index)
    }

    /// Sends what the machine would not, and waits until the broker took it.
    func send(_ publication: DevicePublication, from index: Int) async throws {
        let device = self.devices[index]
        guard let connection = device.connection, device.machine.isConnected else {
            throw FleetError.notConnected(externalID: device.machine.profile.externalID.description)
        }
        self.devices[index].machine.tally.sent.raw += 1
        try await connection.publish(
            MQTTMessage(
                topic: device.topic(publication.suffix), payload: publication.payload, qos: publication.qos,
                retain: publication.isRetained))
    }
}
