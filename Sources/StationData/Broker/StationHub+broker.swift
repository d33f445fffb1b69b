import GRDB
public import StationCore
import Synchronization

/// Logins at the broker: who may log in, with what, and what it may then do (contract 6).
extension StationHub {
    /// So many minted logins somebody can have at a time; a further one takes the place of the oldest.
    public static let maximumCredentials = 5
    /// So many the station has in all: each of them is a client and a role at the broker.
    public static let maximumCredentialsInAll = 1000
    /// So many devices are named in the rights of somebody who does not own every place: more do not fit into a packet
    /// that a broker takes.
    public static let maximumDevicesOfRights = 2000

    // MARK: Minted logins

    /// Makes a login for a person or for the subject of a token. Its password is kept as a verifier: this is the one
    /// moment to show it.
    ///
    /// - Parameter end: It lasts no longer than this, whatever `lifetime` is: the end of the token that it is made for.
    /// - Throws: `StoreError.account` for somebody who is gone, `.conflict` when the station has too many,
    ///   `.unavailable`.
    public func mintCredential(
        for owner: CredentialOwner, lifetime: Duration, until end: Timestamp = .latest
    ) async throws(StoreError) -> (credential: BrokerCredential, password: Secret) {
        let password = OpaqueToken.make()
        let login = try SealedLogin(password, self.seal)
        return try await self.commit("making a login for the broker") { db in
            if case .user(let id) = owner, try UserTable(db: db).user(id) == nil {
                throw StoreError.account(.userNotFound(id))
            }
            let time = self.tokenTime
            let table = BrokerCredentialTable(db: db)
            let live = try table.live(at: time)
            let own = live.filter { $0.owner.usernameBase == owner.usernameBase }
            guard own.count >= Self.maximumCredentials || live.count < Self.maximumCredentialsInAll else {
                throw StoreError.conflict(
                    field: "username", value: owner.usernameBase,
                    message: "The station has \(Self.maximumCredentialsInAll) logins for the broker already."
                )
            }
            let credential = BrokerCredential(
                username: Self.username(for: owner, beside: own), owner: owner, verifier: login.verifier,
                createdAt: time,
                expiresAt: min(time.adding(lifetime), end)
            )
            try table.replace(credential, password: login.password)
            let effects = CommitEffects(
                changes: [{ $0.credentials[credential.username] = credential }], events: [.loginsChanged]
            )
            return ((credential, password), effects)
        }
    }

    /// The first of a person's five names that is free, else that of the oldest login.
    private static func username(for owner: CredentialOwner, beside own: [BrokerCredential]) -> String {
        let names = [owner.usernameBase] + (2...Self.maximumCredentials).map { "\(owner.usernameBase):\($0)" }
        let taken = Set(own.map(\.username))
        return names.first { !taken.contains($0) } ?? own.first?.username ?? owner.usernameBase
    }

    /// A minted login that has not expired, by its user name. Answered from memory.
    public func credential(named username: String) -> BrokerCredential? {
        let found = self.live.withLock { $0.credentials[username] }
        return found.flatMap { $0.expiresAt > self.tokenTime ? $0 : nil }
    }

    /// Ends the logins whose time is over.
    ///
    /// - Throws: `StoreError.unavailable`.
    public func forgetExpiredCredentials() async throws(StoreError) {
        let time = self.tokenTime
        guard self.live.withLock({ $0.credentials.values.contains { $0.expiresAt <= time } }) else { return }
        try await self.commit("ending expired logins") { db in
            guard try BrokerCredentialTable(db: db).deleteExpired(at: time) > 0 else { return ((), CommitEffects()) }
            let effects = CommitEffects(
                changes: [{ live in live.credentials = live.credentials.filter { $0.value.expiresAt > time } }],
                events: [.loginsChanged]
            )
            return ((), effects)
        }
    }

    // MARK: Rights

    /// What somebody with an account may do at the broker: see what is under its places. Answered from memory.
    public func brokerRights(of userID: UserID) -> BrokerRights {
        self.live.withLock { live in
            guard let user = live.users[userID] else { return .nothing }
            guard let places = self.visiblePlaces(of: user, in: live) else { return .everyPlace }
            let devices = live.slots.lazy.map(\.device).filter { places.contains($0.placeID) }
                .prefix(Self.maximumDevicesOfRights).map(\.externalID)
            return .user(places: places.sorted(), devices: devices.sorted { $0.description < $1.description })
        }
    }

    // MARK: For the broker

    /// Every login that the broker should let in, those of the devices under both of their names.
    ///
    /// - Throws: `StoreError.unavailable`.
    public func brokerLogins() async throws(StoreError) -> [BrokerLogin] {
        // Whom the broker lets in must be known here, whoever has added it.
        try await self.noticeForeignWrites()
        let time = self.tokenTime
        return try await self.read("reading the logins for the broker") { db in
            let devices = try DeviceTable(db: db).logins(self.seal)
            let credentials = try BrokerCredentialTable(db: db).rows(at: time).map { row in
                BrokerLogin(
                    username: row.credential.username, owner: .credential(row.credential.owner),
                    verifier: row.credential.verifier, password: row.password.flatMap(self.seal.open)
                )
            }
            return devices + credentials
        }
    }

    /// Notes that the broker knows these logins: their passwords are no longer needed.
    ///
    /// - Throws: `StoreError.unavailable`.
    public func forgetPasswords(of logins: [BrokerLogin]) async throws(StoreError) {
        let told = logins.filter { $0.password != nil }
        guard !told.isEmpty else { return }
        try await self.commit("forgetting passwords that the broker knows") { db in
            for login in told {
                guard let verifier = login.verifier else { continue }
                switch login.owner {
                case .device(let id, _):
                    try DeviceTable(db: db).forgetPassword(of: id, verifiedBy: verifier)
                case .credential:
                    try BrokerCredentialTable(db: db).forgetPassword(of: login.username, verifiedBy: verifier)
                }
            }
            return ((), CommitEffects())
        }
    }
}
