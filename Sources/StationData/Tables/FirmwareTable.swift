import GRDB
import StationCore

/// The rows of `firmwares`.
struct FirmwareTable {
    let db: Database

    /// Newest first.
    func all() throws -> [Firmware] {
        try self.firmwares(where: "true", [])
    }

    func firmwares(of type: String) throws -> [Firmware] {
        try self.firmwares(where: "device_type = ?", [type])
    }

    func firmware(_ id: FirmwareID) throws -> Firmware? {
        try self.firmwares(where: "id = ?", [id.description]).first
    }

    func firmware(in file: FirmwareFileName) throws -> Firmware? {
        try self.firmwares(where: "file = ?", [file.description]).first
    }

    func count() throws -> Int {
        try Int.fetchOne(self.db, sql: "SELECT count(*) FROM firmwares") ?? 0
    }

    func insert(_ firmware: Firmware) throws {
        try self.db.execute(
            sql: """
                INSERT INTO firmwares (id, device_type, chip, version, file, size, sha256, created_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                firmware.id.description, firmware.type, firmware.chip.rawValue, firmware.version.description,
                firmware.file.description, firmware.size, firmware.checksum.description,
                firmware.createdAt.milliseconds,
            ]
        )
    }

    /// With the record of its updates.
    func delete(_ id: FirmwareID) throws {
        try self.db.execute(sql: "DELETE FROM firmwares WHERE id = ?", arguments: [id.description])
    }

    private func firmwares(where condition: String, _ arguments: StatementArguments) throws -> [Firmware] {
        try Row.fetchAll(
            self.db,
            sql: """
                SELECT id, device_type, chip, version, file, size, sha256, created_at FROM firmwares
                WHERE \(condition) ORDER BY id DESC
                """,
            arguments: arguments
        ).map(Firmware.init(row:))
    }
}

extension Firmware {
    /// - Throws: `StoreError.unavailable` for a row that this version cannot have written.
    fileprivate init(row: Row) throws {
        guard let id = FirmwareID(row["id"] as String),
            let chip = (row["chip"] as String?).flatMap({ FirmwareChip(rawValue: $0) }),
            let version = SemanticVersion(row["version"] as String),
            let file = FirmwareFileName(row["file"] as String), let checksum = FileChecksum(row["sha256"] as String)
        else {
            throw StoreError.unavailable("the row of firmware \(row["id"] as String) is damaged")
        }
        self.init(
            id: id, type: row["device_type"], chip: chip, version: version, file: file, size: row["size"],
            checksum: checksum, createdAt: Timestamp(milliseconds: row["created_at"])
        )
    }
}
