import GRDB
import StationCore

/// The rows of `ota_logs`: one for each attempt of a device to update itself.
struct OTALogTable {
    /// So many attempts are kept of one device with one firmware.
    private static let maximumAttempts = 10

    let db: Database

    /// Moves the attempt under way to another status, or begins one.
    ///
    /// - Returns: false when the attempt has this status and this error already.
    func move(
        _ deviceID: DeviceID, _ firmwareID: FirmwareID, to status: UpdateStatus, error: String?, at time: Timestamp
    ) throws -> Bool {
        let latest = try Row.fetchOne(
            self.db,
            sql: """
                SELECT id, status, error FROM ota_logs WHERE device_id = ? AND firmware_id = ?
                ORDER BY id DESC LIMIT 1
                """,
            arguments: [deviceID.description, firmwareID.description]
        )
        let latestStatus = latest.flatMap { UpdateStatus(rawValue: $0["status"]) }
        guard let latest, let latestStatus, !latestStatus.isFinal || latestStatus == .success && status == .success
        else {
            try self.begin(deviceID, firmwareID, status, error: error, at: time)
            return true
        }
        guard latestStatus != status || latest["error"] as String? != error else { return false }
        try self.db.execute(
            sql: "UPDATE ota_logs SET status = ?, error = ?, updated_at = ? WHERE id = ?",
            arguments: [status.rawValue, error, time.milliseconds, latest["id"] as String]
        )
        return true
    }

    private func begin(
        _ deviceID: DeviceID, _ firmwareID: FirmwareID, _ status: UpdateStatus, error: String?, at time: Timestamp
    ) throws {
        try self.db.execute(
            sql: """
                INSERT INTO ota_logs (id, device_id, firmware_id, status, error, created_at, updated_at)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                Identifier<OTALogTable>.make(at: time).description, deviceID.description, firmwareID.description,
                status.rawValue, error, time.milliseconds, time.milliseconds,
            ]
        )
        try self.db.execute(
            sql: """
                DELETE FROM ota_logs WHERE id IN (
                    SELECT id FROM ota_logs WHERE device_id = ? AND firmware_id = ?
                    ORDER BY id DESC LIMIT -1 OFFSET \(Self.maximumAttempts))
                """,
            arguments: [deviceID.description, firmwareID.description]
        )
    }

    /// What a device has failed too often to be offered it again.
    func failedFirmwares(of deviceID: DeviceID) throws -> Set<FirmwareID> {
        let ids = try String.fetchAll(
            self.db,
            sql: """
                SELECT firmware_id FROM ota_logs WHERE device_id = ? AND status = ?
                GROUP BY firmware_id HAVING count(*) >= ?
                """,
            arguments: [deviceID.description, UpdateStatus.failed.rawValue, UpdateRule.maximumFailures]
        )
        return Set(ids.compactMap { FirmwareID($0) })
    }

    /// The devices that have failed a firmware too often to be offered it again.
    func failedDevices(with firmwareID: FirmwareID) throws -> Set<DeviceID> {
        let ids = try String.fetchAll(
            self.db,
            sql: """
                SELECT device_id FROM ota_logs WHERE firmware_id = ? AND status = ?
                GROUP BY device_id HAVING count(*) >= ?
                """,
            arguments: [firmwareID.description, UpdateStatus.failed.rawValue, UpdateRule.maximumFailures]
        )
        return Set(ids.compactMap { DeviceID($0) })
    }
}
