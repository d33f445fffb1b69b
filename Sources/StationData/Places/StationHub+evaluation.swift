import GRDB
import StationCore
import Synchronization

extension StationHub {
    /// While the store takes nothing, alerts wait for the next attempt of a flush instead of each trying for itself.
    var mayCommitAlerts: Bool {
        !self.upkeep.withLock { $0.hasWriteFailed }
    }

    /// Commits and announces the alerts that opened or ended since the last time.
    ///
    /// - Throws: `StoreError`; then they wait.
    func commitAlerts() async throws(StoreError) {
        guard self.mayCommitAlerts, self.live.withLock({ !$0.alertBacklog.entries.isEmpty }) else { return }
        try await self.commit("storing alerts") { ((), try self.writeAlerts(to: $0)) }
    }

    /// Writes the alerts that opened or ended, as part of a transaction.
    func writeAlerts(to db: Database) throws -> CommitEffects {
        let entries = self.live.withLock { $0.alertBacklog.entries }
        guard !entries.isEmpty else { return CommitEffects() }
        var effects = CommitEffects()
        effects.changes.append { $0.alertBacklog.settle(entries) }
        for entry in entries {
            let alert = entry.alert
            if entry.opens {
                guard try self.open(entry, in: db) else {
                    effects.changes.append { $0.close(alert) }
                    continue
                }
                try EventTable(db: db).insert(entry.opened.feedEvent(.alertOpened, at: alert.createdAt))
                effects.events.append(.alertOpened(entry.opened))
            }
            if let time = alert.resolvedAt, try entry.opens || AlertTable(db: db).update(alert) {
                try EventTable(db: db).insert(alert.feedEvent(.alertResolved, at: time))
                effects.events.append(.alertResolved(alert))
            }
        }
        return effects
    }

    /// - Returns: false when the alert has lost its ground meanwhile, or when there is one already.
    private func open(_ entry: AlertBacklog.Entry, in db: Database) throws -> Bool {
        guard let device = try DeviceTable(db: db).device(entry.alert.deviceID),
            try entry.resolves || ThresholdTable(db: db).exists(entry.alert.thresholdID)
        else { return false }
        var alert = entry.alert
        alert.placeID = device.placeID
        return try AlertTable(db: db).insert(alert)
    }

    /// Ends open alerts as part of a transaction, because of what it does.
    func end(_ alerts: [Alert], at time: Timestamp, in db: Database) throws -> CommitEffects {
        var effects = CommitEffects()
        for stored in alerts {
            let ended = self.current(stored, resolvedAt: time)
            guard try AlertTable(db: db).update(ended) else { continue }
            try EventTable(db: db).insert(ended.feedEvent(.alertResolved, at: time))
            effects.events.append(.alertResolved(ended))
            effects.changes.append { $0.close(ended) }
        }
        return effects
    }

    /// An alert with the readings that the store does not know of yet.
    func current(_ stored: Alert, resolvedAt: Timestamp? = nil) -> Alert {
        var alert = stored
        if alert.isOpen, let live = self.live.withLock({ $0.openAlert(stored.id, of: stored.deviceID) }) {
            alert.tally = live.tally
        }
        alert.resolvedAt = resolvedAt ?? alert.resolvedAt
        return alert
    }

    /// Takes over what another process has changed about members, thresholds and alerts.
    func effectsOfForeignPlaces(_ db: Database) throws -> CommitEffects {
        var effects = CommitEffects()
        let memberships = LiveMemberships(try MemberTable(db: db).all())
        let users = self.live.withLock { memberships.usersWithDifferences(from: $0.memberships) }
        if !users.isEmpty {
            effects.changes.append { $0.memberships = memberships }
            effects.events += users.sorted().map(StationEvent.membershipChanged)
        }
        let watches = try StoredWatches(db)
        let (begun, ended) = self.live.withLock { $0.differences(from: watches) }
        let time = self.clock.wallTime
        for alert in ended {
            // Those of a device that is gone have ended with it.
            guard try DeviceTable(db: db).device(alert.deviceID) != nil else { continue }
            let stored = try AlertTable(db: db).alert(alert.id)
            effects.events.append(.alertResolved(stored ?? self.current(alert, resolvedAt: time)))
        }
        effects.events += begun.map(StationEvent.alertOpened)
        effects.changes.append { $0.takeOver(watches) }
        return effects
    }
}

extension LiveStation {
    /// The alerts of which another process alone knows that they are open, and those that it has ended.
    fileprivate func differences(from stored: StoredWatches) -> (begun: [Alert], ended: [Alert]) {
        var begun: [Alert] = []
        var ended: [Alert] = []
        for slot in self.slots {
            let before = slot.watches.openAlerts
            let after = slot.watches.merged(with: stored[slot.device.id], self.alertBacklog).openAlerts
            begun += after.filter { alert in !before.contains { $0.id == alert.id } }
            ended += before.filter { alert in
                !self.alertBacklog.isOnItsWay(alert.id) && !after.contains { $0.id == alert.id }
            }
        }
        return (begun, ended)
    }

    fileprivate mutating func takeOver(_ stored: StoredWatches) {
        for index in self.slots.indices {
            let id = self.slots[index].device.id
            self.slots[index].watches = self.slots[index].watches.merged(with: stored[id], self.alertBacklog)
        }
    }
}

extension Alert {
    /// The line of the activity feed that tells of it.
    func feedEvent(_ type: DeviceEvent.EventType, at time: Timestamp) -> DeviceEvent {
        DeviceEvent(
            type, of: self.deviceID,
            payload: [
                "alertId": .string(self.id.description), "sensorId": .string(self.sensorID.description),
                "thresholdId": .string(self.thresholdID.description), "key": .string(self.key),
                "value": JSONValue(plain: type == .alertOpened ? self.tally.value : self.tally.lastValue),
                "thresholdValue": JSONValue(plain: self.limit), "thresholdType": .string(self.kind.rawValue),
                "severity": .string(self.severity.rawValue),
            ],
            at: time
        )
    }
}
