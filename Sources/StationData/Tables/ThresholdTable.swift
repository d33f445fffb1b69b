import GRDB
import StationCore

/// The rows of `thresholds`.
struct ThresholdTable {
    let db: Database

    func threshold(_ id: ThresholdID, of sensor: SensorID) throws -> Threshold? {
        try Row.fetchAll(
            self.db, sql: "SELECT * FROM thresholds WHERE id = ? AND sensor_id = ?",
            arguments: [id.description, sensor.description]
        ).compactMap(Threshold.init(row:)).first
    }

    /// Oldest first.
    func thresholds(of sensor: SensorID) throws -> [Threshold] {
        try Row.fetchAll(
            self.db, sql: "SELECT * FROM thresholds WHERE sensor_id = ? ORDER BY id", arguments: [sensor.description]
        ).compactMap(Threshold.init(row:))
    }

    /// Every threshold of the station with the device and the key that it watches, oldest first.
    func watched() throws -> [(deviceID: DeviceID, key: String, threshold: Threshold)] {
        try Row.fetchAll(
            self.db,
            sql: """
                SELECT t.*, s.device_id, s.key FROM thresholds t JOIN sensors s ON s.id = t.sensor_id ORDER BY t.id
                """
        ).compactMap { row in
            guard let threshold = Threshold(row: row), let device = DeviceID(row["device_id"] as String) else {
                return nil
            }
            return (device, row["key"], threshold)
        }
    }

    func exists(_ id: ThresholdID) throws -> Bool {
        try Bool.fetchOne(
            self.db, sql: "SELECT EXISTS (SELECT 1 FROM thresholds WHERE id = ?)", arguments: [id.description]
        ) ?? false
    }

    func insert(_ threshold: Threshold) throws {
        try self.db.execute(
            sql: """
                INSERT INTO thresholds (id, sensor_id, type, value, severity, clear_band, for_seconds, created_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                threshold.id.description, threshold.sensorID.description, threshold.kind.rawValue, threshold.value,
                threshold.severity.rawValue, threshold.clearBand, threshold.forSeconds,
                threshold.createdAt.milliseconds,
            ]
        )
    }

    func delete(_ id: ThresholdID) throws {
        try self.db.execute(sql: "DELETE FROM thresholds WHERE id = ?", arguments: [id.description])
    }
}

extension Threshold {
    /// `nil` for a row that this version cannot have written.
    fileprivate init?(row: Row) {
        guard let id = ThresholdID(row["id"] as String), let sensor = SensorID(row["sensor_id"] as String),
            let kind = Kind(rawValue: row["type"] as String),
            let severity = Severity(rawValue: row["severity"] as String)
        else { return nil }
        self.init(
            id: id, sensorID: sensor, kind: kind, value: row["value"], severity: severity, clearBand: row["clear_band"],
            forSeconds: row["for_seconds"], createdAt: Timestamp(milliseconds: row["created_at"])
        )
    }
}
