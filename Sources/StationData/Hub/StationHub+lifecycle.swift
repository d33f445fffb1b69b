import GRDB
public import StationCore
import Synchronization

extension StationHub {
    public static let maximumNameLength = 255
    /// As many devices as a station has at most: all of them are kept in memory.
    public static let maximumDevices = 20_000
    /// How the agent calls itself at the broker: no device may.
    private static let agentName = ExternalID("station-agent")

    /// Makes a device and its token. The token is kept as a hash only: this is the one moment to show it.
    ///
    /// - Throws: `StoreError.conflict` for an external id that is taken, `.invalid` for a name, type, place or zone
    ///   that cannot be, `.unavailable`.
    public func addDevice(_ new: NewDevice) async throws(StoreError) -> (device: Device, token: Secret) {
        try await self.addDevices([new])[0]
    }

    /// Makes many devices in one transaction: all or none.
    ///
    /// - Throws: As `addDevice`, for the first that cannot be made.
    public func addDevices(_ new: [NewDevice]) async throws(StoreError) -> [(device: Device, token: Secret)] {
        try await self.commit("adding devices") { db in
            var added: [(device: Device, token: Secret)] = []
            var effects = CommitEffects()
            try self.demandRoom(for: new)
            for new in new {
                let (device, token) = try self.add(new, in: db, effects: &effects)
                added.append((device, token))
            }
            return (added, effects)
        }
    }

    /// Makes a device as part of a transaction.
    func add(
        _ new: NewDevice, status: DeviceStatus = .offline, in db: Database, effects: inout CommitEffects
    ) throws -> (device: Device, token: Secret) {
        var device = try self.device(from: new, in: db)
        device.status = status
        if status != .offline { device.statusReason = nil }
        let token = OpaqueToken.make()
        try DeviceTable(db: db).insert(device, token: token, login: SealedLogin(token, self.seal))
        try PartTable(db: db).addParts(of: self.registry[device.type], to: device.id, at: device.createdAt)
        let live = LiveDevice(
            device: device, bucket: TokenBucket(limit: self.settings.deviceRate, at: self.clock.now)
        )
        effects.changes.append { $0.insert(live) }
        effects.events.append(.deviceCreated(device.id))
        return (device, token)
    }

    /// - Throws: `StoreError.conflict` when the station cannot have so many devices more.
    func demandRoom(for new: [NewDevice]) throws(StoreError) {
        guard self.live.withLock({ $0.slots.count }) + new.count <= Self.maximumDevices else {
            throw StoreError.conflict(
                field: "name", value: new.first?.name ?? "",
                message: "A station has at most \(Self.maximumDevices) devices."
            )
        }
    }

    private func device(from new: NewDevice, in db: Database) throws -> Device {
        let id = DeviceID.make(at: self.clock.wallTime)
        guard let externalID = new.externalID ?? ExternalID(id.description) else {
            throw StoreError.invalid(field: "externalId", message: "The external id must be \(TopicName.rule).")
        }
        guard externalID != Self.agentName else {
            throw StoreError.invalid(
                field: "externalId", message: "“\(externalID)” is the name of the station itself at the broker."
            )
        }
        if let taken = try DeviceTable(db: db).device(named: externalID) {
            throw StoreError.conflict(
                field: "externalId", value: externalID.description,
                message: "The device “\(taken.name)” has the external id “\(externalID)” already."
            )
        }
        // Messages under that name are those of the other where its dialect speaks by ids.
        if let other = DeviceID(externalID.description), let taken = self.device(other) {
            throw StoreError.conflict(
                field: "externalId", value: externalID.description,
                message: "“\(externalID)” is the id of the device “\(taken.name)”."
            )
        }
        let device = Device(
            id: id, externalID: externalID, name: new.name, type: new.type, placeID: new.placeID ?? self.defaultPlaceID,
            zoneID: new.zoneID, createdAt: self.clock.wallTime
        )
        try self.validate(device, in: db)
        return device
    }

    /// Changes what people decide about a device.
    ///
    /// - Throws: `StoreError.deviceNotFound`, `.invalid`, `.unavailable`.
    public func updateDevice(_ id: DeviceID, _ changes: DeviceChanges) async throws(StoreError) -> Device {
        try await self.commit("changing a device") { db in
            guard let before = self.device(id) else { throw StoreError.deviceNotFound(id.description) }
            var device = before
            device.name = changes.name ?? device.name
            device.type = changes.type ?? device.type
            if let place = changes.placeID, place != device.placeID {
                device.placeID = place
                device.zoneID = nil
            }
            device.zoneID = changes.zoneID ?? device.zoneID
            guard device.differsInIdentity(from: before) else { return (before, CommitEffects()) }
            try self.validate(device, in: db)
            device.updatedAt = self.clock.wallTime
            guard try DeviceTable(db: db).updateIdentity(of: device) else {
                throw StoreError.deviceNotFound(id.description)
            }
            var effects = CommitEffects()
            if device.type != before.type {
                try PartTable(db: db).addParts(of: self.registry[device.type], to: id, at: device.updatedAt)
            }
            if device.placeID != before.placeID {
                // Others see it at the broker now.
                effects.events.append(.loginsChanged)
                // They belong to the place in which they were raised; the new one has alerts of its own.
                effects += try self.end(AlertTable(db: db).open(of: id), at: device.updatedAt, in: db)
            }
            let committed = device
            effects.changes.append { live in live.update(id) { $0.device.takeIdentity(of: committed) } }
            effects.events.append(.deviceUpdated(id))
            return (device, effects)
        }
    }

    private func validate(_ device: Device, in db: Database) throws {
        // SQLite counts the characters of a text only up to the first NUL.
        let name = device.name.unicodeScalars
        guard (1...Self.maximumNameLength).contains(name.count), !name.contains("\0") else {
            throw StoreError.invalid(
                field: "name", message: "The name must have 1–\(Self.maximumNameLength) characters and no NUL."
            )
        }
        if let type = device.type, self.registry[type] == nil {
            let known = self.registry.types.map(\.id).joined(separator: ", ")
            throw StoreError.invalid(field: "type", message: "There is no device type “\(type)”; known are \(known).")
        }
        guard try PlaceTable(db: db).place(device.placeID) != nil else {
            throw StoreError.invalid(field: "placeId", message: "There is no place “\(device.placeID)”.")
        }
        if let zone = device.zoneID, try !ZoneTable(db: db).hasZone(zone, in: device.placeID) {
            throw StoreError.invalid(field: "zoneId", message: "The device's place has no zone “\(zone)”.")
        }
    }

    /// Removes a device with its history and its token. Its name stays known as revoked, so that it is told nothing
    /// rather than `unknown_device` (contract 1, rule 10).
    ///
    /// - Throws: `StoreError.deviceNotFound`, `.unavailable`.
    public func removeDevice(_ id: DeviceID) async throws(StoreError) {
        try await self.commit("removing a device") { db in
            ((), try self.removeDevice(id, in: db))
        }
    }

    /// Removes a device as part of a transaction.
    func removeDevice(_ id: DeviceID, in db: Database) throws -> CommitEffects {
        guard self.device(id) != nil, try DeviceTable(db: db).revoke(id, at: self.clock.wallTime) else {
            throw StoreError.deviceNotFound(id.description)
        }
        return self.effectsOfRemoval(of: id)
    }

    /// What the removal of a device changes in memory: its alerts end with it, and it is known as revoked.
    func effectsOfRemoval(of id: DeviceID) -> CommitEffects {
        let time = self.clock.wallTime
        let alerts = self.live.withLock { live in
            let open = live.index(of: id).map { live.slots[$0].watches.openAlerts } ?? []
            // Of those that never reached the store nobody knows.
            return open.filter { !live.alertBacklog.isOnItsWay($0.id) } + live.alertBacklog.ended(of: id)
        }
        var effects = CommitEffects()
        for var alert in alerts {
            alert.resolvedAt = time
            effects.events.append(.alertResolved(alert))
        }
        effects.changes.append { $0.remove(id) }
        effects.events.append(.deviceDeleted(id))
        return effects
    }

    /// Makes a new token for a device; the old one is dead at once.
    ///
    /// - Throws: `StoreError.deviceNotFound`, `.unavailable`.
    public func renewToken(of id: DeviceID) async throws(StoreError) -> Secret {
        try await self.commit("renewing a token") { db in
            guard self.device(id) != nil else { throw StoreError.deviceNotFound(id.description) }
            let token = OpaqueToken.make()
            let login = try SealedLogin(token, self.seal)
            let time = self.clock.wallTime
            guard try DeviceTable(db: db).setToken(token, login: login, of: id, at: time) else {
                throw StoreError.deviceNotFound(id.description)
            }
            let effects = CommitEffects(
                changes: [{ live in live.update(id) { $0.device.updatedAt = time } }],
                events: [.deviceUpdated(id), .loginsChanged]
            )
            return (token, effects)
        }
    }

    /// The device that has a token; `nil` when none has.
    ///
    /// A guess is never compared itself: its SHA-256 is, and in a time that does not depend on where it differs.
    ///
    /// - Throws: `StoreError.unavailable`.
    public func deviceID(forToken token: Secret) async throws(StoreError) -> DeviceID? {
        let hash = OpaqueToken.hash(token)
        let found = try await StoreError.wrapping("looking up a token") {
            try await self.writer.read { db in
                try DeviceTable(db: db).devices(withTokensLike: hash).first { OpaqueToken.isEqual($0.hash, hash) }
            }
        }
        guard let found else { return nil }
        // Another process may have added it a moment ago.
        if self.device(found.id) == nil { try await self.noticeForeignWrites() }
        // A store of an older version knows no verifiers, and the token itself is here only now.
        if !found.hasVerifier { try await self.learnLogin(of: found.id, token) }
        return self.device(found.id)?.id
    }

    private func learnLogin(of id: DeviceID, _ token: Secret) async throws(StoreError) {
        let login = try SealedLogin(token, self.seal)
        try await self.commit("learning a login") { db in
            try DeviceTable(db: db).learn(login, of: id)
            return ((), CommitEffects(events: [.loginsChanged]))
        }
    }

    /// Records a command that the broker took, and announces it.
    ///
    /// A command whose record fails was still obeyed: then the record waits with what is to be written.
    ///
    /// - Returns: Whether it is on record.
    func record(_ command: DeviceCommand, for id: DeviceID) async -> Bool {
        let time = self.clock.wallTime
        var payload: JSONObject = ["commandId": .string(command.id.description)]
        payload["command"] = .object(command.redactedBody)
        let event = DeviceEvent(.commandSent, of: id, payload: payload, at: time)
        let announcement = StationEvent.deviceCommand(id, command: command.redactedBody, at: time)
        do throws(StoreError) {
            try await self.commit("recording a command") { db in
                try EventTable(db: db).insert(event)
                return ((), CommitEffects(events: [announcement]))
            }
            return true
        } catch {
            let lost = self.live.withLock { live in
                live.pending.events.append(event)
                return live.pending.trim()
            }
            self.count(IngestCounts(droppedRows: lost))
            self.events.publish([announcement])
            return false
        }
    }
}
