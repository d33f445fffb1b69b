import GRDB
public import StationCore
import Synchronization

extension StationHub {
    /// As many sensors, and as many actuators, as one device has: as many keys as it can report.
    public static let maximumParts = DeviceReducer.maximumKeys

    /// The sensors of a device, oldest first.
    ///
    /// - Throws: `StoreError.deviceNotFound`, `.unavailable`.
    public func sensors(of deviceID: DeviceID) async throws(StoreError) -> [Sensor] {
        try await self.read("reading sensors") { db in
            try self.demandDevice(deviceID)
            return try SensorTable(db: db).sensors(of: deviceID)
        }
    }

    /// Makes a sensor.
    ///
    /// - Throws: `StoreError.deviceNotFound`, `.invalid`, `.conflict` for a key that the device has a sensor of
    ///   already, `.unavailable`.
    public func addSensor(_ new: NewSensor, to deviceID: DeviceID) async throws(StoreError) -> Sensor {
        try await self.commit("adding a sensor") { db in
            try self.demandDevice(deviceID)
            let time = self.clock.wallTime
            let sensor = Sensor(
                id: .make(at: time), deviceID: deviceID, key: new.key, name: new.name, valueType: new.valueType,
                unitLabel: new.unitLabel, precision: new.precision, createdAt: time
            )
            try StoreError.demand(sensor.key, in: "key", 1...Sensor.maximumKeyLength)
            try StoreError.demand(name: sensor.name, unit: sensor.unitLabel, precision: sensor.precision)
            let table = SensorTable(db: db)
            try StoreError.demandRoom(for: "sensor", beside: table.sensors(of: deviceID).count)
            guard try table.insert(sensor) else { throw StoreError.keyTaken(sensor.key, by: "sensor") }
            return (sensor, CommitEffects())
        }
    }

    /// Changes a sensor; its key and its type never change.
    ///
    /// - Throws: `StoreError.deviceNotFound`, `.notFound`, `.invalid`, `.unavailable`.
    public func updateSensor(
        _ id: SensorID, of deviceID: DeviceID, _ changes: PartChanges
    ) async throws(StoreError) -> Sensor {
        try await self.commit("changing a sensor") { db in
            var sensor = try self.sensor(id, of: deviceID, in: db)
            sensor.name = changes.name ?? sensor.name
            sensor.unitLabel = changes.unitLabel ?? sensor.unitLabel
            sensor.precision = changes.precision ?? sensor.precision
            sensor.updatedAt = self.clock.wallTime
            try StoreError.demand(name: sensor.name, unit: sensor.unitLabel, precision: sensor.precision)
            try SensorTable(db: db).update(sensor)
            return (sensor, CommitEffects())
        }
    }

    /// Deletes a sensor with its thresholds; their alerts end. What was measured stays.
    ///
    /// - Throws: `StoreError.deviceNotFound`, `.notFound`, `.unavailable`.
    public func removeSensor(_ id: SensorID, of deviceID: DeviceID) async throws(StoreError) {
        try await self.commit("removing a sensor") { db in
            _ = try self.sensor(id, of: deviceID, in: db)
            let alerts = try AlertTable(db: db).open(of: deviceID).filter { $0.sensorID == id }
            var effects = try self.end(alerts, at: self.clock.wallTime, in: db)
            try SensorTable(db: db).delete(id)
            effects.changes.append { live in live.update(deviceID) { $0.watches.remove(id) } }
            return ((), effects)
        }
    }

    func sensor(_ id: SensorID, of deviceID: DeviceID, in db: Database) throws -> Sensor {
        try self.demandDevice(deviceID)
        guard let sensor = try SensorTable(db: db).sensor(id, of: deviceID) else {
            throw StoreError.notFound(.sensor, id: id.description)
        }
        return sensor
    }

    func demandDevice(_ id: DeviceID) throws(StoreError) {
        guard self.device(id) != nil else { throw .deviceNotFound(id.description) }
    }
}

extension StoreError {
    static func demand(name: String, unit: String, precision: Int) throws(StoreError) {
        try self.demand(name, in: "name", 1...Sensor.maximumNameLength)
        try self.demand(unit, in: "unit_label", 0...Sensor.maximumUnitLength)
        guard Sensor.precisions.contains(precision) else {
            throw .invalid(
                field: "precision",
                message: "“precision” is \(precision); it must be from \(Sensor.precisions.lowerBound) to "
                    + "\(Sensor.precisions.upperBound)."
            )
        }
    }

    static func demandRoom(for part: String, beside count: Int) throws(StoreError) {
        guard count < StationHub.maximumParts else {
            throw .conflict(
                field: "key", value: "", message: "A device has at most \(StationHub.maximumParts) \(part)s."
            )
        }
    }

    static func keyTaken(_ key: String, by part: String) -> StoreError {
        .conflict(field: "key", value: key, message: "The device has the \(part) “\(key)” already.")
    }
}
