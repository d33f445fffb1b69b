import GRDB
import StationCore

/// The rows of `device_events`: the activity feed.
struct EventTable {
    let db: Database

    func insert(_ event: DeviceEvent) throws {
        // A device may have been removed while its last events waited for the flush; they go with it.
        try self.db.cachedStatement(
            sql: """
                INSERT INTO device_events (id, device_id, event_type, payload, created_at)
                SELECT ?, id, ?, ?, ? FROM devices WHERE id = ? AND status <> 'revoked'
                """
        ).execute(arguments: [
            event.id.description, event.type.rawValue, JSONValue.object(event.payload).description,
            event.createdAt.milliseconds, event.deviceID.description,
        ])
    }

    /// Newest first, with the number of all that match.
    func entries(_ query: EventQuery) throws -> (entries: [FeedEntry], total: Int) {
        var conditions = ["d.status <> 'revoked'"]
        var arguments: [(any DatabaseValueConvertible)?] = []
        if let deviceID = query.deviceID {
            conditions.append("e.device_id = ?")
            arguments.append(deviceID.description)
        }
        if let places = query.visiblePlaces {
            conditions.append("d.place_id IN (SELECT value FROM json_each(?))")
            arguments.append(JSONValue.array(places.map { .string($0.description) }).description)
        }
        if let type = query.type {
            conditions.append("e.event_type = ?")
            arguments.append(type.rawValue)
        }
        if let from = query.from {
            conditions.append("e.id >= ?")
            arguments.append(EventID.lowest(at: from).description)
        }
        if let to = query.to {
            conditions.append("e.id < ?")
            arguments.append(EventID.lowest(at: to).description)
        }
        let source = """
            FROM device_events e JOIN devices d ON d.id = e.device_id WHERE \(conditions.joined(separator: " AND "))
            """
        let total = try Int.fetchOne(
            self.db, sql: "SELECT count(*) \(source)", arguments: StatementArguments(arguments)
        )
        let rows = try Row.fetchAll(
            self.db,
            sql: """
                SELECT e.id, e.device_id, e.event_type, e.payload, e.created_at, d.name, d.type \(source)
                ORDER BY e.id DESC LIMIT ? OFFSET ?
                """,
            arguments: StatementArguments(arguments + [query.limit, query.offset])
        )
        return (try rows.compactMap(FeedEntry.init(row:)), total ?? 0)
    }

    func delete(before time: Timestamp) throws {
        try self.db.execute(
            sql: "DELETE FROM device_events WHERE id < ?", arguments: [EventID.lowest(at: time).description]
        )
    }
}

extension FeedEntry {
    /// `nil` for an event of a kind that this version does not know.
    fileprivate init?(row: Row) throws {
        guard let id = EventID(row["id"] as String), let deviceID = DeviceID(row["device_id"] as String),
            let type = DeviceEvent.EventType(rawValue: row["event_type"] as String)
        else { return nil }
        let event = DeviceEvent(
            id: id, deviceID: deviceID, type: type,
            payload: try JSONValue.parse(row["payload"] as String).objectValue ?? JSONObject(),
            createdAt: Timestamp(milliseconds: row["created_at"])
        )
        self.init(event: event, deviceName: row["name"], deviceType: row["type"])
    }
}
