import GRDB
import StationCore

/// The rows of `actuators`.
struct ActuatorTable {
    let db: Database

    func actuator(_ id: ActuatorID, of device: DeviceID) throws -> Actuator? {
        try self.actuators(where: "id = ? AND device_id = ?", [id.description, device.description]).first
    }

    func actuator(_ key: String, of device: DeviceID) throws -> Actuator? {
        try self.actuators(where: "key = ? AND device_id = ?", [key, device.description]).first
    }

    /// Oldest first.
    func actuators(of device: DeviceID) throws -> [Actuator] {
        try self.actuators(where: "device_id = ? ORDER BY id", [device.description])
    }

    private func actuators(where condition: String, _ arguments: StatementArguments) throws -> [Actuator] {
        try Row.fetchAll(
            self.db,
            sql: """
                SELECT id, device_id, key, name, value_type, unit_label, precision, min_value, max_value, step,
                    enum_options, created_at, updated_at
                FROM actuators WHERE \(condition)
                """,
            arguments: arguments
        ).compactMap { row in
            guard let id = ActuatorID(row["id"] as String), let device = DeviceID(row["device_id"] as String),
                let type = Actuator.ValueType(rawValue: row["value_type"] as String)
            else { return nil }
            let options = try (row["enum_options"] as String?).map { try JSONValue.parse($0) }
            return Actuator(
                id: id, deviceID: device, key: row["key"], name: row["name"], valueType: type,
                unitLabel: row["unit_label"], precision: row["precision"],
                range: ActuatorRange(
                    minimum: row["min_value"], maximum: row["max_value"], step: row["step"],
                    options: options?.arrayValue?.compactMap(\.stringValue)
                ),
                createdAt: Timestamp(milliseconds: row["created_at"]),
                updatedAt: Timestamp(milliseconds: row["updated_at"])
            )
        }
    }

    /// - Returns: false when the device has an actuator of that key already, which is left as it is.
    @discardableResult
    func insert(_ actuator: Actuator) throws -> Bool {
        try self.db.execute(
            sql: """
                INSERT INTO actuators (id, device_id, key, name, value_type, unit_label, precision, min_value,
                    max_value, step, enum_options, created_at, updated_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (device_id, key) DO NOTHING
                """,
            arguments: [
                actuator.id.description, actuator.deviceID.description, actuator.key, actuator.name,
                actuator.valueType.rawValue, actuator.unitLabel, actuator.precision, actuator.range.minimum,
                actuator.range.maximum, actuator.range.step, actuator.range.storedOptions,
                actuator.createdAt.milliseconds, actuator.updatedAt.milliseconds,
            ]
        )
        return self.db.changesCount > 0
    }

    func update(_ actuator: Actuator) throws {
        try self.db.execute(
            sql: """
                UPDATE actuators SET name = ?, unit_label = ?, precision = ?, min_value = ?, max_value = ?, step = ?,
                    enum_options = ?, updated_at = ?
                WHERE id = ?
                """,
            arguments: [
                actuator.name, actuator.unitLabel, actuator.precision, actuator.range.minimum, actuator.range.maximum,
                actuator.range.step, actuator.range.storedOptions, actuator.updatedAt.milliseconds,
                actuator.id.description,
            ]
        )
    }

    func delete(_ id: ActuatorID) throws {
        try self.db.execute(sql: "DELETE FROM actuators WHERE id = ?", arguments: [id.description])
    }
}

extension ActuatorRange {
    fileprivate var storedOptions: String? {
        self.options.map { JSONValue.array($0.map(JSONValue.string)).description }
    }
}
