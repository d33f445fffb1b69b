import FoundationEssentials
import GRDB
import StationCore

/// The rows of `devices`.
struct DeviceTable {
    let db: Database

    /// Everything but tombstones, oldest first.
    func all() throws -> [Device] {
        try self.devices(where: "status <> 'revoked' ORDER BY id", [])
    }

    /// Everything in a place but tombstones, oldest first.
    func all(in place: PlaceID) throws -> [Device] {
        try self.devices(where: "place_id = ? AND status <> 'revoked' ORDER BY id", [place.description])
    }

    func device(_ id: DeviceID) throws -> Device? {
        try self.devices(where: "id = ? AND status <> 'revoked'", [id.description]).first
    }

    func device(named externalID: ExternalID) throws -> Device? {
        try self.devices(where: "external_id = ? AND status <> 'revoked'", [externalID.description]).first
    }

    /// Whether a device of that name, or with that for its own id, was removed or locked out.
    func isRevoked(_ name: ExternalID) throws -> Bool {
        try Bool.fetchOne(
            self.db,
            sql: "SELECT EXISTS (SELECT 1 FROM devices WHERE (external_id = ?1 OR id = ?1) AND status = 'revoked')",
            arguments: [name.description]
        ) ?? false
    }

    func revokedNames() throws -> [String] {
        try String.fetchAll(self.db, sql: "SELECT external_id FROM devices WHERE status = 'revoked'")
    }

    func insert(_ device: Device, token: Secret, login: SealedLogin) throws {
        try self.db.cachedStatement(
            sql: """
                INSERT INTO devices (id, external_id, name, type, place_id, zone_id, status, status_reason, token_hash,
                    broker_verifier, broker_password, created_at, updated_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            device.id.description, device.externalID.description, device.name, device.type,
            device.placeID.description, device.zoneID?.description, device.status.rawValue,
            device.statusReason?.rawValue, Data(OpaqueToken.hash(token)), login.verifier.description, login.password,
            device.createdAt.milliseconds, device.updatedAt.milliseconds,
        ])
    }

    /// Writes what somebody, or a handshake, decides about a device: all but its last report.
    ///
    /// - Returns: false when another process has removed the device meanwhile: then it must stay removed.
    func updateIdentity(of device: Device) throws -> Bool {
        try self.db.cachedStatement(
            sql: """
                UPDATE devices SET name = ?, type = ?, place_id = ?, zone_id = ?, status = ?, status_reason = ?,
                    firmware_version = ?, chip = ?, kit_tag = ?, dialect = ?, address_scope = ?, last_seen_at = ?,
                    updated_at = ?
                WHERE id = ? AND status <> 'revoked'
                """
        ).execute(arguments: [
            device.name, device.type, device.placeID.description, device.zoneID?.description, device.status.rawValue,
            device.statusReason?.rawValue, device.firmwareVersion, device.chip, device.kitTag,
            device.address?.dialect.description, device.address?.scope, device.lastSeenAt?.milliseconds,
            device.updatedAt.milliseconds, device.id.description,
        ])
        return self.db.changesCount > 0
    }

    /// Writes what a device last reported.
    func updateReport(of device: Device) throws {
        try self.db.cachedStatement(
            sql: """
                UPDATE devices SET last_known_state = ?, last_seen_at = ?, last_heartbeat_at = ?, dialect = ?,
                    address_scope = ?
                WHERE id = ? AND status <> 'revoked'
                """
        ).execute(arguments: [
            JSONValue.object(device.lastKnownState).description, device.lastSeenAt?.milliseconds,
            device.lastHeartbeatAt?.milliseconds, device.address?.dialect.description, device.address?.scope,
            device.id.description,
        ])
    }

    /// Turns a device into a tombstone: its name is remembered, its token and all that hangs on it are gone.
    ///
    /// - Returns: false when another process has removed the device meanwhile.
    func revoke(_ id: DeviceID, at time: Timestamp) throws -> Bool {
        try self.db.execute(
            sql: """
                UPDATE devices SET status = 'revoked', status_reason = 'revoked', token_hash = NULL,
                    broker_verifier = NULL, broker_password = NULL, last_known_state = '{}', updated_at = ?
                WHERE id = ? AND status <> 'revoked'
                """,
            arguments: [time.milliseconds, id.description]
        )
        guard self.db.changesCount > 0 else { return false }
        for table in ["device_events", "alerts", "sensors", "actuators", "ota_logs"] {
            try self.db.execute(sql: "DELETE FROM \(table) WHERE device_id = ?", arguments: [id.description])
        }
        try ReadingTable(db: self.db).deleteSeries(of: id)
        return true
    }

    /// - Returns: false when another process has removed the device meanwhile.
    func setToken(_ token: Secret, login: SealedLogin, of id: DeviceID, at time: Timestamp) throws -> Bool {
        try self.db.execute(
            sql: """
                UPDATE devices SET token_hash = ?, broker_verifier = ?, broker_password = ?, updated_at = ?
                WHERE id = ? AND status <> 'revoked'
                """,
            arguments: [
                Data(OpaqueToken.hash(token)), login.verifier.description, login.password, time.milliseconds,
                id.description,
            ]
        )
        return self.db.changesCount > 0
    }

    /// The devices whose tokens' hashes begin as this one does: the caller compares the whole, in constant time.
    func devices(withTokensLike hash: [UInt8]) throws -> [(id: DeviceID, hash: [UInt8], hasVerifier: Bool)] {
        let beginning = Data(hash.prefix(8))
        return try Row.fetchAll(
            self.db,
            sql: """
                SELECT id, token_hash, broker_verifier IS NOT NULL AS has_verifier FROM devices
                WHERE token_hash >= ? AND token_hash <= ? AND status <> 'revoked'
                """,
            arguments: [beginning, beginning + Data(repeating: 0xFF, count: 32)]
        ).compactMap { row in
            guard let id = DeviceID(row["id"] as String) else { return nil }
            return (id, Array(row["token_hash"] as Data), row["has_verifier"])
        }
    }

    private func devices(where condition: String, _ arguments: StatementArguments) throws -> [Device] {
        try Row.fetchAll(
            self.db,
            sql: """
                SELECT id, external_id, name, type, place_id, zone_id, status, status_reason, last_known_state,
                    last_seen_at, last_heartbeat_at, firmware_version, chip, kit_tag, dialect, address_scope,
                    created_at, updated_at
                FROM devices WHERE \(condition)
                """,
            arguments: arguments
        ).map(Device.init(row:))
    }
}

extension Device {
    /// - Throws: `StoreError.unavailable` for a row that this version cannot have written.
    fileprivate init(row: Row) throws {
        guard let id = DeviceID(row["id"] as String), let externalID = ExternalID(row["external_id"] as String),
            let placeID = PlaceID(row["place_id"] as String),
            let status = DeviceStatus(rawValue: row["status"] as String),
            let state = try JSONValue.parse(row["last_known_state"] as String).objectValue
        else {
            throw StoreError.unavailable("the row of device \(row["id"] as String) is damaged")
        }
        self.init(
            id: id, externalID: externalID, name: row["name"], type: row["type"], placeID: placeID,
            zoneID: (row["zone_id"] as String?).flatMap(ZoneID.init), status: status,
            statusReason: (row["status_reason"] as String?).flatMap(StatusReason.init),
            createdAt: Timestamp(milliseconds: row["created_at"])
        )
        self.lastKnownState = state
        self.lastSeenAt = (row["last_seen_at"] as Int64?).map(Timestamp.init)
        self.lastHeartbeatAt = (row["last_heartbeat_at"] as Int64?).map(Timestamp.init)
        self.firmwareVersion = row["firmware_version"]
        self.chip = row["chip"]
        self.kitTag = row["kit_tag"]
        if let dialect = row["dialect"] as String?, let scope = row["address_scope"] as String? {
            self.address = DeviceAddress(dialect: DialectID(dialect), scope: scope)
        }
        self.updatedAt = Timestamp(milliseconds: row["updated_at"])
    }
}
