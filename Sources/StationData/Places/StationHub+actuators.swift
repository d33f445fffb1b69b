import GRDB
public import StationCore

extension StationHub {
    /// The actuators of a device, oldest first.
    ///
    /// - Throws: `StoreError.deviceNotFound`, `.unavailable`.
    public func actuators(of deviceID: DeviceID) async throws(StoreError) -> [Actuator] {
        try await self.read("reading actuators") { db in
            try self.demandDevice(deviceID)
            return try ActuatorTable(db: db).actuators(of: deviceID)
        }
    }

    /// The actuator of a device by its key.
    ///
    /// - Throws: `StoreError.deviceNotFound`, `.notFound`, `.unavailable`.
    public func actuator(_ key: String, of deviceID: DeviceID) async throws(StoreError) -> Actuator {
        try await self.read("reading an actuator") { db in
            try self.demandDevice(deviceID)
            guard let actuator = try ActuatorTable(db: db).actuator(key, of: deviceID) else {
                throw StoreError.notFound(.actuator, id: key)
            }
            return actuator
        }
    }

    /// Makes an actuator.
    ///
    /// - Throws: `StoreError.deviceNotFound`, `.invalid`, `.conflict` for a key that the device has an actuator of
    ///   already, `.unavailable`.
    public func addActuator(_ new: NewActuator, to deviceID: DeviceID) async throws(StoreError) -> Actuator {
        try await self.commit("adding an actuator") { db in
            try self.demandDevice(deviceID)
            let time = self.clock.wallTime
            let actuator = Actuator(
                id: .make(at: time), deviceID: deviceID, key: new.key, name: new.name, valueType: new.valueType,
                unitLabel: new.unitLabel, precision: new.precision, range: new.range, createdAt: time
            )
            try StoreError.demand(actuator.key, in: "key", 1...Sensor.maximumKeyLength)
            try self.validate(actuator)
            let table = ActuatorTable(db: db)
            try StoreError.demandRoom(for: "actuator", beside: table.actuators(of: deviceID).count)
            guard try table.insert(actuator) else { throw StoreError.keyTaken(actuator.key, by: "actuator") }
            return (actuator, CommitEffects())
        }
    }

    /// Changes an actuator; its key and its type never change.
    ///
    /// - Throws: `StoreError.deviceNotFound`, `.notFound`, `.invalid`, `.unavailable`.
    public func updateActuator(
        _ id: ActuatorID, of deviceID: DeviceID, _ changes: PartChanges, range: RangeChanges = RangeChanges()
    ) async throws(StoreError) -> Actuator {
        try await self.commit("changing an actuator") { db in
            var actuator = try self.actuator(id, of: deviceID, in: db)
            actuator.name = changes.name ?? actuator.name
            actuator.unitLabel = changes.unitLabel ?? actuator.unitLabel
            actuator.precision = changes.precision ?? actuator.precision
            actuator.range = range.applied(to: actuator.range)
            actuator.updatedAt = self.clock.wallTime
            try self.validate(actuator)
            try ActuatorTable(db: db).update(actuator)
            return (actuator, CommitEffects())
        }
    }

    /// - Throws: `StoreError.deviceNotFound`, `.notFound`, `.unavailable`.
    public func removeActuator(_ id: ActuatorID, of deviceID: DeviceID) async throws(StoreError) {
        try await self.commit("removing an actuator") { db in
            _ = try self.actuator(id, of: deviceID, in: db)
            try ActuatorTable(db: db).delete(id)
            return ((), CommitEffects())
        }
    }

    private func actuator(_ id: ActuatorID, of deviceID: DeviceID, in db: Database) throws -> Actuator {
        try self.demandDevice(deviceID)
        guard let actuator = try ActuatorTable(db: db).actuator(id, of: deviceID) else {
            throw StoreError.notFound(.actuator, id: id.description)
        }
        return actuator
    }

    private func validate(_ actuator: Actuator) throws(StoreError) {
        try StoreError.demand(name: actuator.name, unit: actuator.unitLabel, precision: actuator.precision)
        for option in actuator.range.options ?? [] where option.unicodeScalars.contains("\0") {
            throw .invalid(field: "enum_options", message: "“enum_options” must not contain a NUL.")
        }
        if let fault = actuator.range.fault(for: actuator.valueType) {
            throw .invalid(field: fault.field, message: fault.message)
        }
    }
}
