import GRDB
public import StationCore
import Synchronization

/// Devices that are provisioned over Bluetooth (contract 5, `POST /api/provisioning/add`): first `prepareProvisioned`,
/// then either `confirmProvisioned` once the device took what it was handed, or `abandonProvisioned`; and
/// `markNotAppeared` for one that took it and was never heard.
extension StationHub {
    /// Makes a device known before it is handed its token, so that one that comes up at once finds itself known. Its row,
    /// with status `provisioning`, and its token are made in one transaction.
    ///
    /// A device that is known by its external id keeps row, name, place and history, and its present token, until
    /// `confirmProvisioned`.
    ///
    /// - Parameter type: One that the station does not know is left out: the device tells it at its handshake.
    /// - Returns: The device, and the token to hand it.
    /// - Throws: `StoreError.conflict` when there are too many devices, `.invalid` for a name, place or zone that cannot
    ///   be, `.unavailable`.
    public func prepareProvisioned(
        externalID: ExternalID, name: String, type: String?, place: PlaceID?, zone: ZoneID?
    ) async throws(StoreError) -> (device: Device, token: Secret) {
        // Another process may have added it a moment ago.
        try await self.noticeForeignWrites()
        return try await self.commit("preparing a device") { db in
            if let known = try DeviceTable(db: db).device(named: externalID), let device = self.device(known.id) {
                let token = OpaqueToken.make()
                let provisioned = ProvisionedDevice.known(token: token, login: try SealedLogin(token, self.seal))
                return ((device, token), CommitEffects(changes: [{ $0.provisioned[device.id] = provisioned }]))
            }
            let new = NewDevice(
                name: name, type: self.registry[type].map(\.id), externalID: externalID, placeID: place, zoneID: zone
            )
            try self.demandRoom(for: [new])
            var effects = CommitEffects()
            let (device, token) = try self.add(new, status: .provisioning, in: db, effects: &effects)
            effects.changes.append { $0.provisioned[device.id] = .new }
            return ((device, token), effects)
        }
    }

    /// Notes that a device took what it was handed: a known one's new token is now its token, and the old one is dead.
    /// Does nothing for a device that nobody has prepared.
    ///
    /// - Throws: `StoreError.deviceNotFound` for one that was removed meanwhile, `.unavailable`; then it can be called
    ///   again.
    public func confirmProvisioned(_ id: DeviceID) async throws(StoreError) {
        try await self.commit("storing that a device was provisioned") { db in
            guard let provisioned = self.live.withLock({ $0.provisioned[id] }) else {
                guard self.device(id) != nil else { throw StoreError.deviceNotFound(id.description) }
                return ((), CommitEffects())
            }
            let time = self.clock.wallTime
            var effects = CommitEffects(changes: [{ $0.provisioned[id] = nil }])
            if case .known(let token, let login) = provisioned {
                guard try DeviceTable(db: db).setToken(token, login: login, of: id, at: time) else {
                    throw StoreError.deviceNotFound(id.description)
                }
                effects.changes.append { live in live.update(id) { $0.device.updatedAt = time } }
                effects.events = [.deviceUpdated(id), .loginsChanged]
            }
            try EventTable(db: db).insert(DeviceEvent(.provisioned, of: id, payload: ["ok": true], at: time))
            return ((), effects)
        }
    }

    /// Undoes `prepareProvisioned` for a device that did not take what it was handed: a new one is forgotten, a known
    /// one stays as it was. One that was heard meanwhile stays, for it did take it.
    ///
    /// - Returns: Whether the station does not know the device any more.
    /// - Throws: `StoreError.unavailable`; then it can be called again.
    @discardableResult
    public func abandonProvisioned(_ id: DeviceID) async throws(StoreError) -> Bool {
        try await self.commit("forgetting a device that was not provisioned") { db in
            guard let provisioned = self.live.withLock({ $0.provisioned[id] }) else {
                return (self.device(id) == nil, CommitEffects())
            }
            guard case .new = provisioned, let name = self.device(id)?.externalID,
                try DeviceTable(db: db).deleteUnprovisioned(id)
            else {
                return (self.device(id) == nil, CommitEffects(changes: [{ $0.provisioned[id] = nil }]))
            }
            // One of that name can have been removed before: that one is still told nothing.
            let isRevoked = try DeviceTable(db: db).isRevoked(name)
            var effects = self.effectsOfRemoval(of: id)
            if !isRevoked { effects.changes.append { $0.revokedNames.remove(name) } }
            return (true, effects)
        }
    }

    /// Notes that a device took what it was handed and was not heard in time. It stays, and is welcome later.
    ///
    /// - Throws: `StoreError.deviceNotFound`, `.unavailable`.
    public func markNotAppeared(_ id: DeviceID) async throws(StoreError) {
        try await self.commit("storing that a device did not appear") { db in
            guard let device = self.device(id) else { throw StoreError.deviceNotFound(id.description) }
            // What was heard at the last moment counts.
            guard device.status != .online else { return ((), CommitEffects()) }
            return ((), try self.effectsOfNotAppearing(device, at: self.clock.wallTime, in: db))
        }
    }

    private func effectsOfNotAppearing(
        _ device: Device, at time: Timestamp, in db: Database
    ) throws -> CommitEffects {
        try EventTable(db: db).insert(
            DeviceEvent(
                .provisioned, of: device.id,
                payload: ["ok": false, "error": .string(ProvisioningFailure.deviceDidNotAppear.code)], at: time
            )
        )
        guard device.status == .provisioning else { return CommitEffects() }
        var device = device
        device.status = .offline
        device.statusReason = .neverSeen
        guard try DeviceTable(db: db).updateIdentity(of: device) else { return CommitEffects() }
        try EventTable(db: db).insert(device.statusEvent(at: time))
        let committed = device
        return CommitEffects(
            changes: [{ live in live.update(committed.id) { $0.device.takeIdentity(of: committed) } }],
            events: [.deviceStatus(device.id, status: .offline, reason: .neverSeen, at: time)]
        )
    }

    /// What a start does about devices that were being provisioned when the agent was killed. Whether they took what
    /// they were handed is not known: they stay, since one that is forgotten and comes up wipes itself.
    func effectsOfLeftProvisioning(at time: Timestamp, in db: Database) throws -> CommitEffects {
        var effects = CommitEffects()
        for device in try DeviceTable(db: db).all() where device.status == .provisioning {
            effects += try self.effectsOfNotAppearing(device, at: time, in: db)
        }
        return effects
    }
}
