import GRDB
import Logging
public import StationCore
import Synchronization

/// The claim: who may call itself this station's cloud, and by what the cloud knows the station (contract 4, "States").
extension StationHub {
    // MARK: Reading memory

    /// How the station stands with its cloud.
    public var cloudClaim: CloudClaim {
        self.live.withLock { $0.claim }
    }

    /// A token that the cloud has refused within the last day.
    public var tokenAside: Secret? {
        self.freshAside(of: self.cloudClaim)
    }

    private func freshAside(of claim: CloudClaim) -> Secret? {
        claim.aside.flatMap { $0.since.adding(CloudClaim.asideLifetime) > self.tokenTime ? $0.token : nil }
    }

    /// Which categories of events the cloud gets.
    public var cloudChannels: Set<CloudChannel> { self.cloudClaim.channels }

    // MARK: Changing

    /// Stores the token of a cloud that has claimed the station; the claim secret is used up and renewed. What waited for
    /// a cloud before is not for this one.
    ///
    /// - Throws: `StoreError.invalid` for what is no token, `.unavailable`.
    public func claim(with token: Secret) async throws(StoreError) {
        guard (1...CloudClaim.maximumTokenLength).contains(token.revealed.utf8.count) else {
            throw .invalid(
                field: "stationToken",
                message: "A station token has 1–\(CloudClaim.maximumTokenLength) bytes."
            )
        }
        try await self.changeClaim("storing the claim") { claim, time, table in
            claim.stationToken = token
            claim.claimedAt = time
            claim.claimSecret = OpaqueToken.make()
            claim.aside = nil
            claim.chosenChannels = nil
            try OutboxTable(db: table.db).clear()
        }
    }

    /// The cloud refuses the token, for good: the station is unclaimed and the token kept for a day. Users, devices, and
    /// what waits in the outbox stay.
    ///
    /// - Throws: `StoreError.unavailable`.
    public func setTokenAside() async throws(StoreError) {
        try await self.changeClaim("setting the cloud's token aside") { claim, time, _ in
            guard let token = claim.stationToken else { return }
            claim.aside = CloudClaim.TokenAside(token: token, since: time)
            claim.stationToken = nil
            claim.claimedAt = nil
            claim.claimSecret = OpaqueToken.make()
        }
    }

    /// Takes back a token that was set aside less than a day ago: the cloud was wrong.
    ///
    /// - Returns: Whether there was one.
    /// - Throws: `StoreError.unavailable`.
    @discardableResult
    public func takeTokenBack() async throws(StoreError) -> Bool {
        try await self.changeClaim("taking the cloud's token back") { claim, time, _ in
            guard !claim.isClaimed, let token = self.freshAside(of: claim) else { return false }
            claim.stationToken = token
            claim.claimedAt = time
            claim.aside = nil
            claim.claimSecret = OpaqueToken.make()
            return true
        }
    }

    /// Makes the claim secret that was shown so far worthless.
    ///
    /// - Throws: `StoreError.unavailable`.
    public func renewClaimSecret() async throws(StoreError) {
        try await self.changeClaim("renewing the claim secret") { claim, _, _ in
            claim.claimSecret = OpaqueToken.make()
        }
    }

    /// Ends the cloud's hold on the station. Users, devices and history stay; what waited for the cloud is forgotten.
    ///
    /// - Throws: `StoreError.unavailable`.
    public func unclaim() async throws(StoreError) {
        try await self.changeClaim("ending the claim") { claim, _, table in
            claim = CloudClaim(chipID: claim.chipID, claimSecret: OpaqueToken.make())
            try OutboxTable(db: table.db).clear()
        }
    }

    /// Chooses which categories of events the cloud gets, also after reconnects and restarts.
    ///
    /// - Throws: `StoreError.unavailable`.
    public func setCloudChannels(_ channels: Set<CloudChannel>) async throws(StoreError) {
        try await self.changeClaim("storing the cloud's channels") { claim, _, _ in claim.chosenChannels = channels }
    }

    // MARK: Reset

    /// Puts on record that the station is to be reset, so that a crash does not undo it.
    ///
    /// - Throws: `StoreError.unavailable`.
    public func beginReset() async throws(StoreError) {
        try await self.changeClaim("beginning the reset") { claim, _, _ in claim.resetStep = .devices }
    }

    /// The rest of a reset: forgets the claim, and ends the sessions of everybody who came from the cloud.
    ///
    /// - Throws: `StoreError.unavailable`; then the reset is still on record.
    public func finishReset() async throws(StoreError) {
        try await self.commit("resetting the station") { db in
            let table = self.cloudTable(db)
            let claim = CloudClaim(chipID: table.chipID, claimSecret: OpaqueToken.make())
            try table.replace(by: claim, at: self.clock.wallTime)
            try OutboxTable(db: table.db).clear()
            var effects = CommitEffects(changes: [{ $0.claim = claim }], events: [.cloudChanged])
            for var user in try UserTable(db: db).all() where user.cloudUserID != nil {
                try self.endSessions(of: &user, in: db, effects: &effects)
                try UserTable(db: db).update(user)
                effects += CommitEffects(storing: user, announcing: .sessionsRevoked(user.id))
            }
            return ((), effects)
        }
    }

    // MARK: Machinery

    /// The claim when the station is opened.
    static func claim(
        in db: Database, _ settings: HubSettings, _ clock: any StationClock, _ logger: Logger
    ) throws -> CloudClaim {
        let seal = SecretSeal(settings.loginKey, for: .cloudLink)
        let table = CloudTable(db: db, seal: seal, chipID: settings.chipID)
        if try table.hasUnreadableToken() {
            logger.error(
                "the cloud's token was stored under another key; without that key the station must be claimed anew")
        }
        return try table.claimOrNew(at: clock.wallTime)
    }

    func cloudTable(_ db: Database) -> CloudTable {
        CloudTable(db: db, seal: self.cloudSeal, chipID: self.settings.chipID)
    }

    /// Changes the claim as the store has it: another process may have changed it since.
    private func changeClaim<Result: Sendable>(
        _ what: String,
        _ change: @escaping @Sendable (inout CloudClaim, Timestamp, CloudTable) throws -> Result
    ) async throws(StoreError) -> Result {
        try await self.commit(what) { db in
            let table = self.cloudTable(db)
            let before = try table.claimOrNew(at: self.clock.wallTime)
            var claim = before
            let result = try change(&claim, self.tokenTime, table)
            guard claim != before else { return (result, CommitEffects()) }
            try table.replace(by: claim, at: self.clock.wallTime)
            let committed = claim
            return (result, CommitEffects(changes: [{ $0.claim = committed }], events: [.cloudChanged]))
        }
    }

    /// What another process, such as `station-agent cloud unclaim`, has changed about the claim.
    func effectsOfForeignClaim(_ db: Database) throws -> CommitEffects {
        let claim = try self.cloudTable(db).claimOrNew(at: self.clock.wallTime)
        guard claim != self.cloudClaim else { return CommitEffects() }
        return CommitEffects(changes: [{ $0.claim = claim }], events: [.cloudChanged])
    }
}
