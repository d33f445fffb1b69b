import GRDB
import StationCore

/// The rows of `alerts`.
struct AlertTable {
    let db: Database

    // MARK: Reading

    /// Newest first, with the number of all that match.
    func alerts(_ query: AlertQuery) throws -> (alerts: [Alert], total: Int) {
        var conditions = ["place_id = ?"]
        var arguments: [(any DatabaseValueConvertible)?] = [query.placeID.description]
        func demand(_ condition: String, _ argument: (any DatabaseValueConvertible)?) {
            guard let argument else { return }
            conditions.append(condition)
            arguments.append(argument)
        }
        if let isOpen = query.isOpen { conditions.append("resolved_at IS \(isOpen ? "" : "NOT ")NULL") }
        demand("severity = ?", query.severity?.rawValue)
        demand("sensor_id = ?", query.sensorID?.description)
        demand("device_id = ?", query.deviceID?.description)
        demand("created_at >= ?", query.from?.milliseconds)
        demand("created_at < ?", query.to?.milliseconds)
        let condition = conditions.joined(separator: " AND ")
        let total = try Int.fetchOne(
            self.db, sql: "SELECT count(*) FROM alerts WHERE \(condition)", arguments: StatementArguments(arguments)
        )
        let alerts = try self.alerts(
            where: "\(condition) ORDER BY created_at DESC, id DESC LIMIT ? OFFSET ?",
            StatementArguments(arguments + [query.limit, query.offset])
        )
        return (alerts, total ?? 0)
    }

    func alert(_ id: AlertID) throws -> Alert? {
        try self.alerts(where: "id = ?", [id.description]).first
    }

    func open() throws -> [Alert] {
        try self.alerts(where: "resolved_at IS NULL", [])
    }

    func open(of device: DeviceID) throws -> [Alert] {
        try self.alerts(where: "resolved_at IS NULL AND device_id = ? ORDER BY id", [device.description])
    }

    /// How many are open, by place; places without any are left out.
    func openCounts() throws -> [PlaceID: Int] {
        try Row.fetchAll(
            self.db, sql: "SELECT place_id, count(*) AS n FROM alerts WHERE resolved_at IS NULL GROUP BY place_id"
        ).reduce(into: [:]) { counts, row in
            if let place = PlaceID(row["place_id"] as String) { counts[place] = row["n"] }
        }
    }

    private func alerts(where condition: String, _ arguments: StatementArguments) throws -> [Alert] {
        try Row.fetchAll(self.db, sql: "SELECT * FROM alerts WHERE \(condition)", arguments: arguments)
            .compactMap(Alert.init(row:))
    }

    // MARK: Writing

    /// - Returns: false when the threshold has an open alert already.
    func insert(_ alert: Alert) throws -> Bool {
        try self.db.execute(
            sql: """
                INSERT INTO alerts (id, place_id, device_id, sensor_id, threshold_id, key, threshold_type,
                    threshold_value, severity, value, last_value, peak_value, count, created_at, resolved_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
                """,
            arguments: [
                alert.id.description, alert.placeID.description, alert.deviceID.description,
                alert.sensorID.description, alert.thresholdID.description, alert.key, alert.kind.rawValue, alert.limit,
                alert.severity.rawValue, alert.tally.value, alert.tally.lastValue, alert.tally.peakValue,
                alert.tally.count, alert.createdAt.milliseconds, alert.resolvedAt?.milliseconds,
            ]
        )
        return self.db.changesCount > 0
    }

    /// Writes how an open alert stands, or that it has ended.
    ///
    /// - Returns: false when it had ended before.
    @discardableResult
    func update(_ alert: Alert) throws -> Bool {
        try self.db.cachedStatement(
            sql: """
                UPDATE alerts SET last_value = ?, peak_value = ?, count = ?, resolved_at = ?
                WHERE id = ? AND resolved_at IS NULL
                """
        ).execute(arguments: [
            alert.tally.lastValue, alert.tally.peakValue, alert.tally.count, alert.resolvedAt?.milliseconds,
            alert.id.description,
        ])
        return self.db.changesCount > 0
    }

    func deleteResolved(before time: Timestamp) throws {
        try self.db.execute(sql: "DELETE FROM alerts WHERE resolved_at < ?", arguments: [time.milliseconds])
    }
}

extension Alert {
    /// `nil` for a row that this version cannot have written.
    fileprivate init?(row: Row) {
        guard let id = AlertID(row["id"] as String), let place = PlaceID(row["place_id"] as String),
            let device = DeviceID(row["device_id"] as String), let sensor = SensorID(row["sensor_id"] as String),
            let threshold = ThresholdID(row["threshold_id"] as String),
            let kind = Threshold.Kind(rawValue: row["threshold_type"] as String),
            let severity = Threshold.Severity(rawValue: row["severity"] as String)
        else { return nil }
        self.init(
            id: id, placeID: place, deviceID: device, sensorID: sensor, thresholdID: threshold, key: row["key"],
            kind: kind, limit: row["threshold_value"], severity: severity,
            tally: AlertTally(
                value: row["value"], lastValue: row["last_value"], peakValue: row["peak_value"], count: row["count"]
            ),
            createdAt: Timestamp(milliseconds: row["created_at"]),
            resolvedAt: (row["resolved_at"] as Int64?).map(Timestamp.init)
        )
    }
}
