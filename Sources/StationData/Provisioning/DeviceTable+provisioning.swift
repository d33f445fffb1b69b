import GRDB
import StationCore

extension DeviceTable {
    /// Deletes the row of a device that was never more than being provisioned, with all that hangs on it: no tombstone
    /// stays.
    ///
    /// - Returns: false when it was heard meanwhile, or another process has removed it.
    func deleteUnprovisioned(_ id: DeviceID) throws -> Bool {
        try self.db.execute(
            sql: "DELETE FROM devices WHERE id = ? AND status = 'provisioning'", arguments: [id.description]
        )
        return self.db.changesCount > 0
    }
}
