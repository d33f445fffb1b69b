import GRDB
import Logging
public import StationCore
import Synchronization

/// The answer that a device gets to its handshake.
public struct HandshakeAnswer: Sendable, Hashable {
    public enum Outcome: Sendable, Hashable {
        /// The handshake is stored.
        case known
        /// The store was asked and knows no such device.
        case unknown
    }

    public let sender: ExternalID
    /// Where the device spoke on the broker, and so where it is answered; `nil` when it did not.
    public let address: DeviceAddress?
    public let outcome: Outcome
}

extension StationHub {
    /// Takes up what devices said, in that order for each device (contract 1, rules 2 to 5, 8, 10 to 12).
    ///
    /// Never throws: a report that cannot be stored keeps its effect in memory where that is allowed.
    ///
    /// - Returns: The answers to handshakes. **A handshake without an answer must get none**: the store could not be
    ///   asked, or the device was removed; `unknown` makes firmware wipe itself.
    public func ingest(_ reports: [DeviceReport]) async -> [HandshakeAnswer] {
        var answers: [HandshakeAnswer] = []
        var waiting = reports
        var canCommit = true
        var counts = IngestCounts()
        while !waiting.isEmpty {
            let moment = self.moment(canCommit: canCommit)
            let round = self.live.withLock { $0.admit(waiting, at: moment, registry: self.registry) }
            self.events.publish(round.events)
            waiting = round.deferred
            counts += round.counts
            if !round.strangers.isEmpty {
                let found = await self.lookUp(round.strangers, answers: &answers)
                waiting = found + waiting
            }
            if !round.durable.isEmpty || (round.hasAlerts && canCommit && self.mayCommitAlerts) {
                do throws(StoreError) {
                    answers += try await self.commit(round.durable)
                } catch {
                    canCommit = false
                }
            }
        }
        self.count(counts)
        return answers
    }

    func moment(canCommit: Bool = true) -> LiveStation.Moment {
        LiveStation.Moment(
            now: self.clock.now, wallTime: self.clock.wallTime, limit: self.settings.deviceRate, canCommit: canCommit,
            wantsEvents: self.events.hasSubscribers
        )
    }

    /// Asks the store about devices that memory does not know, such as those that the command line has just added.
    ///
    /// - Returns: The reports of those that it does know: to be taken up again.
    private func lookUp(_ reports: [DeviceReport], answers: inout [HandshakeAnswer]) async -> [DeviceReport] {
        enum Finding {
            case device(Device)
            case revoked
            case unknown
        }
        let findings: [Finding]
        do throws(StoreError) {
            findings = try await StoreError.wrapping("looking up a device") {
                try await self.writer.read { db in
                    let table = DeviceTable(db: db)
                    return try reports.map { report in
                        var device = try table.device(named: report.sender)
                        if device == nil, let id = DeviceID(report.sender.description) {
                            device = try table.device(id)
                        }
                        if let device { return Finding.device(device) }
                        return try table.isRevoked(report.sender) ? .revoked : .unknown
                    }
                }
            }
        } catch {
            self.noteStore(error)
            return []
        }
        var found: [DeviceReport] = []
        for (report, finding) in zip(reports, findings) {
            switch finding {
            case .device(let device):
                let live = LiveDevice(
                    device: device, bucket: TokenBucket(limit: self.settings.deviceRate, at: self.clock.now)
                )
                if self.live.withLock({ $0.insert(live) }) { self.events.publish([.deviceCreated(device.id)]) }
                found.append(report)
            case .revoked:
                self.live.withLock { _ = $0.revokedNames.insert(report.sender) }
            case .unknown:
                answers.append(HandshakeAnswer(sender: report.sender, address: report.address, outcome: .unknown))
            }
        }
        return found
    }

    /// Commits what devices' reports say about their identity and status, and the alerts that they opened or ended, all
    /// in one transaction.
    private func commit(_ changes: [LiveStation.DurableChange]) async throws(StoreError) -> [HandshakeAnswer] {
        try await self.commit("storing what devices said of themselves") { db in
            var answers: [HandshakeAnswer] = []
            var effects = try self.writeAlerts(to: db)
            let table = DeviceTable(db: db)
            for change in changes {
                guard var device = self.device(change.deviceID) else { continue }
                let before = device
                device.lastSeenAt = change.seenAt
                if let (handshake, report) = change.handshake {
                    device.take(handshake, from: report, at: change.seenAt)
                }
                device.status = .online
                device.statusReason = nil
                guard try table.updateIdentity(of: device) else {
                    // Another process has removed it just now: it is told nothing (contract 1, rule 10).
                    effects += self.effectsOfRemoval(of: change.deviceID)
                    continue
                }
                if let (handshake, report) = change.handshake {
                    self.noteContradiction(of: handshake, by: device)
                    if before.type == nil {
                        try PartTable(db: db).addParts(
                            of: self.registry[device.type], to: device.id, at: change.seenAt
                        )
                    }
                    try EventTable(db: db).insert(
                        DeviceEvent(.handshake, of: device.id, payload: handshake.payload, at: change.seenAt)
                    )
                    effects.events.append(.deviceHandshake(device.id, at: change.seenAt))
                    answers.append(
                        HandshakeAnswer(sender: report.sender, address: report.address, outcome: .known)
                    )
                }
                if before.status != .online {
                    try EventTable(db: db).insert(device.statusEvent(at: change.seenAt))
                    effects.events.append(
                        .deviceStatus(device.id, status: .online, reason: nil, at: change.seenAt)
                    )
                }
                if device.differsInIdentity(from: before) {
                    effects.events.append(.deviceUpdated(device.id))
                }
                let committed = device
                effects.changes.append { live in
                    live.update(committed.id) { $0.device.takeIdentity(of: committed) }
                }
            }
            return (answers, effects)
        }
    }

    private func noteContradiction(of handshake: Handshake, by device: Device) {
        guard let claimed = handshake.type, let type = device.type, claimed != type else { return }
        self.logger.warning(
            "a device claims another type than the stored one, which is kept",
            metadata: ["device": "\(device.externalID)", "stored": "\(type)", "claimed": "\(claimed)"]
        )
    }

    func count(_ counts: IngestCounts) {
        guard !counts.isEmpty else { return }
        for (reason, number) in [
            ("unknown_device", counts.unknown), ("revoked_device", counts.revoked),
            ("rate_limited", counts.rateLimited), ("too_many_keys", counts.droppedKeys),
        ] where number > 0 {
            self.metrics.count(.rejectedReports, reason, by: number)
        }
        if counts.coalesced > 0 { self.metrics.count(.coalescedStates, by: counts.coalesced) }
        if counts.droppedRows > 0 { self.metrics.count(.droppedRows, by: counts.droppedRows) }
    }
}

extension MetricRegistry.Counter {
    /// Reports that were not taken up, by reason (contract 1, rule 7).
    public static let rejectedReports = Self(
        "station_mqtt_rejected_total", help: "Messages of devices that were dropped.", label: "reason"
    )
    static let coalescedStates = Self(
        "station_states_coalesced_total", help: "State reports merged because a device spoke too fast."
    )
    static let droppedRows = Self(
        "station_rows_dropped_total", help: "Readings and events given up because the store took nothing."
    )
}
