import GRDB
public import StationCore
import Synchronization

extension StationHub {
    /// Tells the store that the daemon has just started: every device is offline until it is heard, and the gap is
    /// recorded once (contract 1, rule 6).
    ///
    /// - Parameters:
    ///   - name: The configured one; a name that was given to the station since then goes before it.
    ///   - isUrgent: Whether a station that cannot put it on record for want of room starts all the same: then the next
    ///     start that can does.
    public func markStarted(
        stationID: StationID, name: String, evenUnrecorded isUrgent: Bool = false
    ) async throws(StoreError) {
        do throws(StoreError) {
            try await self.recordStart(stationID: stationID, name: name)
        } catch {
            // One that has never started has nothing to go on with.
            guard isUrgent, error.diskFault == .full, !self.stationName.isEmpty else { throw error }
            self.live.withLock { $0.forgetWhoWasOnline() }
        }
    }

    private func recordStart(stationID: StationID, name: String) async throws(StoreError) {
        try await self.commit("recording the start") { db in
            let time = self.clock.wallTime
            let name = try StationTable(db: db).upsert(id: stationID, configuredName: name, at: time)
            var effects = CommitEffects(changes: [{ $0.stationName = name }])
            effects += try self.effectsOfLeftProvisioning(at: time, in: db)
            let table = DeviceTable(db: db)
            for var device in try table.all() where device.status == .online {
                device.status = .offline
                device.statusReason = .agentStarted
                guard try table.updateIdentity(of: device) else { continue }
                try EventTable(db: db).insert(device.statusEvent(at: time))
                let committed = device
                effects.changes.append { live in
                    live.update(committed.id) { $0.device.takeIdentity(of: committed) }
                }
                effects.events.append(
                    .deviceStatus(device.id, status: .offline, reason: .agentStarted, at: time)
                )
            }
            return ((), effects)
        }
    }

    /// The bridge says whether the broker is there: silence while it is away is nobody's fault.
    public func noteBroker(isConnected: Bool) {
        self.upkeep.withLock { state in
            if !isConnected { state.brokerLastAway = self.clock.now }
            state.isBrokerAway = !isConnected
        }
    }

    /// Judges every device's presence now: called once a second by `HubUpkeep`.
    ///
    /// - Throws: `StoreError`; then statuses stay, and the next call tries again.
    public func judgePresence() async throws(StoreError) {
        let now = self.clock.now
        let overdue = self.live.withLock { live in
            var overdue: [DeviceID] = []
            for index in live.slots.indices where live.slots[index].device.status == .online {
                guard self.settings.presence.reasonToCallOffline(live.slots[index].presence, at: now) != nil else {
                    continue
                }
                overdue.append(live.slots[index].device.id)
            }
            return overdue
        }
        guard !overdue.isEmpty else { return }
        try await self.commit("storing who went offline") { db in
            var effects = CommitEffects()
            let time = self.clock.wallTime
            for id in overdue {
                // Judged once more: it may have been heard while this transaction waited for its turn.
                guard let (device, reason) = self.verdict(on: id, at: self.clock.now) else { continue }
                effects += try self.effects(ofCalling: device, offlineBecause: reason, at: time, in: db)
            }
            return ((), effects)
        }
    }

    /// Notes that a device was cut off because its token no longer counts: the broker sends no last will then.
    ///
    /// - Throws: `StoreError.unavailable`.
    public func noteCutOff(_ id: DeviceID) async throws(StoreError) {
        guard self.device(id)?.status == .online else { return }
        try await self.commit("storing who was cut off") { db in
            guard let device = self.device(id), device.status == .online else { return ((), CommitEffects()) }
            let time = self.clock.wallTime
            return ((), try self.effects(ofCalling: device, offlineBecause: .revoked, at: time, in: db))
        }
    }

    private func effects(
        ofCalling device: Device, offlineBecause reason: StatusReason, at time: Timestamp, in db: Database
    ) throws -> CommitEffects {
        var device = device
        device.status = .offline
        device.statusReason = reason
        // Removed by another process; what that wrote is taken over within a second.
        guard try DeviceTable(db: db).updateIdentity(of: device) else { return CommitEffects() }
        try EventTable(db: db).insert(device.statusEvent(at: time))
        let committed = device
        return CommitEffects(
            changes: [{ live in live.update(committed.id) { $0.device.takeIdentity(of: committed) } }],
            events: [.deviceStatus(device.id, status: .offline, reason: reason, at: time)]
        )
    }

    private func verdict(on id: DeviceID, at now: MonotonicInstant) -> (Device, StatusReason)? {
        let wasBrokerAway = self.upkeep.withLock { state in
            state.isBrokerAway
                || state.brokerLastAway.map { $0.duration(to: now) < self.settings.presence.offlineAfter } ?? false
        }
        return self.live.withLock { live in
            guard let index = live.index(of: id), live.slots[index].device.status == .online,
                let reason = self.settings.presence.reasonToCallOffline(live.slots[index].presence, at: now)
            else { return nil }
            return (live.slots[index].device, reason == .silent && wasBrokerAway ? .brokerDown : reason)
        }
    }

    /// Lets through the states that the rate limit had held back, as far as it now allows, or regardless of it.
    func releaseHeldStates(regardless: Bool = false) {
        let moment = self.moment()
        let round = self.live.withLock { live in
            var round = LiveStation.Round()
            guard live.hasHeldStates else { return round }
            live.hasHeldStates = false
            for index in live.slots.indices where live.slots[index].heldState != nil {
                if regardless || live.slots[index].bucket.take(moment.limit, at: moment.now) {
                    live.applyHeldState(of: index, at: moment, self.registry, into: &round)
                } else {
                    live.hasHeldStates = true
                }
            }
            return round
        }
        self.events.publish(round.events)
        self.count(round.counts)
    }
}
