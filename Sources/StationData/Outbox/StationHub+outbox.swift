import GRDB
public import StationCore

extension StationHub {
    // MARK: What the cloud link reads

    /// How many rows wait for the cloud.
    public var outboxDepth: Int { self.outbox.tally.rows }

    /// Whether the cloud has ever acknowledged anything: then a row stays until it is acknowledged; with a cloud that
    /// never does, until it was written to a socket that answered a later ping (contract 4).
    public var cloudAcknowledges: Bool { self.outbox.tally.cloudAcknowledges }

    /// Something whenever rows have come into the outbox, until the reading task is cancelled.
    public func outboxNews() -> AsyncStream<Void> {
        self.outbox.news()
    }

    /// The rows that wait, in their order, from the one after this on.
    ///
    /// - Throws: `StoreError.unavailable`.
    public func outboxRows(after id: Int64, limit: Int) async throws(StoreError) -> [OutboxRow] {
        try await StoreError.wrapping("reading the outbox") {
            try await self.writer.read { try OutboxTable(db: $0).rows(after: id, limit: limit) }
        }
    }

    /// The cloud has taken these; ids of none that waits are no fault, since it may say so twice.
    ///
    /// - Throws: `StoreError.unavailable`; then they wait on, and are told once more.
    public func acknowledgeOutbox(_ eventIDs: [String]) async throws(StoreError) {
        try await self.changeOutbox("noting what the cloud has taken") { table in
            guard try table.delete(eventIDs) > 0, try !table.cloudAcknowledges() else { return }
            try table.noteThatCloudAcknowledges(at: self.clock.wallTime)
        }
    }

    /// These need not be told any more: they were answered, or nobody wants them.
    ///
    /// - Throws: `StoreError.unavailable`.
    public func dropFromOutbox(_ eventIDs: [String]) async throws(StoreError) {
        try await self.changeOutbox("emptying the outbox") { _ = try $0.delete(eventIDs) }
    }

    /// All notifications up to this row have reached a cloud that never acknowledges.
    ///
    /// - Throws: `StoreError.unavailable`.
    public func settleOutbox(through id: Int64) async throws(StoreError) {
        try await self.changeOutbox("emptying the outbox") { table in
            guard try !table.cloudAcknowledges() else { return }
            try table.deleteNotifications(through: id)
        }
    }

    /// Asks the cloud something, as soon as it is there and until it has answered; nothing when there is none.
    ///
    /// - Throws: `StoreError.unavailable`.
    public func askCloud(_ method: String, _ params: JSONObject) async throws(StoreError) {
        try await self.changeOutbox("asking the cloud", hasNews: true) { table in
            guard try table.hasReader() else { return }
            try table.append(request: method, params, at: self.clock.wallTime)
            self.countLost(try table.trim())
        }
    }

    private func changeOutbox(
        _ what: String, hasNews: Bool = false, _ body: @escaping @Sendable (OutboxTable) throws -> Void
    ) async throws(StoreError) {
        try await self.commit(what) { db in
            let table = OutboxTable(db: db)
            try body(table)
            let tally = try table.tally()
            return ((), CommitEffects(changes: [{ _ in self.outbox.note(tally, hasNews: hasNews) }]))
        }
    }

    // MARK: As part of transactions

    /// Puts on record what the cloud is to be told of a transaction, as part of it: both are true, or neither.
    ///
    /// - Returns: How the outbox stands then; `nil` when it is as before.
    func writeOutbox(_ effects: CommitEffects, in db: Database) throws -> OutboxTally? {
        guard !effects.isForeign else { return nil }
        let table = OutboxTable(db: db)
        let wanted = effects.events.filter { CloudNotification.channel(of: $0)?.isDurable ?? false }
        guard !wanted.isEmpty, try table.hasReader() else {
            // With its claim a cloud may have lost what waited for it.
            return effects.events.contains(.cloudChanged) ? try table.tally() : nil
        }
        let channels = self.cloudChannels
        let time = self.clock.wallTime
        for event in wanted {
            guard let channel = CloudNotification.channel(of: event), channels.contains(channel),
                let notification = CloudNotification(event, device: try Self.device(of: event, in: db), at: time)
            else { continue }
            try table.append(notification, at: time)
        }
        self.countLost(try table.trim())
        return try table.tally()
    }

    /// From the store: in memory it is changed after the commit.
    private static func device(of event: StationEvent, in db: Database) throws -> Device? {
        switch event {
        case .deviceCreated(let id), .deviceUpdated(let id): try DeviceTable(db: db).device(id)
        default: nil
        }
    }

    private func countLost(_ rows: Int) {
        if rows > 0 { self.metrics.count(.outboxRowsLost, by: rows) }
    }

    /// Looks at the table as it stands: at the start, and after another process has written.
    func lookAtOutbox() async throws(StoreError) {
        let tally = try await StoreError.wrapping("looking at the outbox") {
            try await self.writer.read { try OutboxTable(db: $0).tally() }
        }
        self.outbox.note(tally, hasNews: tally.rows > 0)
    }
}

extension MetricRegistry.Counter {
    static let outboxRowsLost = Self(
        "station_outbox_dropped_total", help: "Messages to the cloud given up because too many waited."
    )
}
