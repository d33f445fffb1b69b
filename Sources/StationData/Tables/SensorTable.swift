import GRDB
import StationCore

/// The rows of `sensors`.
struct SensorTable {
    let db: Database

    func sensor(_ id: SensorID, of device: DeviceID) throws -> Sensor? {
        try self.sensors(where: "id = ? AND device_id = ?", [id.description, device.description]).first
    }

    /// Oldest first.
    func sensors(of device: DeviceID) throws -> [Sensor] {
        try self.sensors(where: "device_id = ? ORDER BY id", [device.description])
    }

    private func sensors(where condition: String, _ arguments: StatementArguments) throws -> [Sensor] {
        try Row.fetchAll(
            self.db,
            sql: """
                SELECT id, device_id, key, name, value_type, unit_label, precision, created_at, updated_at
                FROM sensors WHERE \(condition)
                """,
            arguments: arguments
        ).compactMap { row in
            guard let id = SensorID(row["id"] as String), let device = DeviceID(row["device_id"] as String),
                let type = Capability.ValueType(rawValue: row["value_type"] as String)
            else { return nil }
            return Sensor(
                id: id, deviceID: device, key: row["key"], name: row["name"], valueType: type,
                unitLabel: row["unit_label"], precision: row["precision"],
                createdAt: Timestamp(milliseconds: row["created_at"]),
                updatedAt: Timestamp(milliseconds: row["updated_at"])
            )
        }
    }

    /// - Returns: false when the device has a sensor of that key already, which is left as it is.
    @discardableResult
    func insert(_ sensor: Sensor) throws -> Bool {
        try self.db.execute(
            sql: """
                INSERT INTO sensors (id, device_id, key, name, value_type, unit_label, precision, created_at, updated_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (device_id, key) DO NOTHING
                """,
            arguments: [
                sensor.id.description, sensor.deviceID.description, sensor.key, sensor.name,
                sensor.valueType.rawValue, sensor.unitLabel, sensor.precision, sensor.createdAt.milliseconds,
                sensor.updatedAt.milliseconds,
            ]
        )
        return self.db.changesCount > 0
    }

    func update(_ sensor: Sensor) throws {
        try self.db.execute(
            sql: "UPDATE sensors SET name = ?, unit_label = ?, precision = ?, updated_at = ? WHERE id = ?",
            arguments: [
                sensor.name, sensor.unitLabel, sensor.precision, sensor.updatedAt.milliseconds, sensor.id.description,
            ]
        )
    }

    /// Deletes a sensor with its thresholds.
    func delete(_ id: SensorID) throws {
        try self.db.execute(sql: "DELETE FROM sensors WHERE id = ?", arguments: [id.description])
    }
}
