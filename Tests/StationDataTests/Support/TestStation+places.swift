import StationCore
import StationData
import StationTestSupport
import Testing

extension TestStation {
    /// Somebody with an account.
    func addUser(_ name: String, role: String = "member") throws -> UserID {
        let id = UserID.make(at: self.clock.wallTime)
        try self.execute(
            """
            INSERT INTO users (id, email, name, role, created_at, updated_at)
            VALUES ('\(id)', '\(name.lowercased())@example.org', '\(name)', '\(role)', 0, 0)
            """
        )
        return id
    }

    /// A thermometer that is online, with a threshold on its temperature.
    func addWatched(
        _ new: NewThreshold = NewThreshold(kind: .max, value: 30), in place: PlaceID? = nil
    ) async throws -> Watched {
        let added = NewDevice(name: "Thermometer", type: "climate", placeID: place)
        let device = try await self.hub.addDevice(added).device
        await self.hear(.heartbeat, from: device)
        let sensor = try #require(try await self.hub.sensors(of: device.id).first { $0.key == "temperature" })
        let threshold = try await self.hub.addThreshold(new, to: sensor.id, of: device.id)
        return Watched(device: device, sensor: sensor, threshold: threshold)
    }

    func hear(_ temperature: Double, from watched: Watched, at time: Timestamp? = nil) async {
        await self.hear(.state(["temperature": .number(temperature)], measuredAt: time), from: watched.device)
    }

    /// All alerts of the default place, newest first.
    func alerts(_ change: (inout AlertQuery) -> Void = { _ in }) async throws -> [Alert] {
        var query = AlertQuery(in: try await self.defaultPlace().id)
        change(&query)
        return try await self.hub.alerts(query).alerts
    }

    func defaultPlace() async throws -> Place {
        try #require(try await self.hub.places().first { $0.isDefault })
    }
}

/// A device with a sensor that is watched.
struct Watched {
    let device: Device
    let sensor: Sensor
    let threshold: Threshold
}

extension [StationEvent] {
    /// Alerts that opened (`true`) and ended (`false`), in their order.
    var alerts: [Bool] {
        self.compactMap { event in
            switch event {
            case .alertOpened: true
            case .alertResolved: false
            default: nil
            }
        }
    }

    var resolvedAlerts: [Alert] {
        self.compactMap { if case .alertResolved(let alert) = $0 { alert } else { nil } }
    }

    var usersWithChanges: [UserID] {
        self.compactMap { if case .membershipChanged(let user) = $0 { user } else { nil } }
    }
}
