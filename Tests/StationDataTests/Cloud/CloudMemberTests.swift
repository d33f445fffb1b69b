import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("The cloud's word on one member")
struct CloudMemberTests {
    /// A station with an owner and a member of the cloud.
    private static func run(_ body: (TestStation, _ owner: User, _ anna: User) async throws -> Void) async throws {
        try await TestStation.run { station in
            try await station.hub.apply(
                CloudRoster(members: [CloudPeople.member("o", role: .owner), CloudPeople.member("a")]))
            let users = station.hub.users
            try await body(station, #require(users.first), #require(users.last))
        }
    }

    private static func expectRefusal(
        _ station: TestStation, _ body: (StationHub) async throws(StoreError) -> Void
    ) async throws -> StoreError? {
        let before = station.hub.users
        let announcements = Announcements(of: station.hub)
        var refusal: StoreError?
        do throws(StoreError) {
            try await body(station.hub)
        } catch {
            refusal = error
        }
        let events = await announcements.next()
        let stored = try await CloudPeople.stored(station)
        #expect(events == [] && station.hub.users == before && stored == before)
        return refusal
    }

    // MARK: Added

    @Test("Somebody new is taken in; the same again is no news")
    func added() async throws {
        try await Self.run { station, _, _ in
            let announcements = Announcements(of: station.hub)
            let member = try CloudPeople.member("b", name: "Bert", role: .admin, hash: CloudPeople.hashText)
            try await station.hub.addCloudMember(member)
            let bert = try #require(station.hub.users.last)
            #expect(bert.cloudUserID == "b" && bert.name == "Bert" && bert.role == .admin)
            try await station.hub.addCloudMember(member)
            let events = await announcements.next()
            #expect(events == [.account(.created(bert.id))] && station.hub.users.count == 3)
        }
    }

    @Test("Somebody with an account of this station is linked to it")
    func linked() async throws {
        try await Self.run { station, _, _ in
            let local = try await CloudPeople.local(station.hub, "b@example.com", .given(.member))
            try await station.hub.addCloudMember(CloudPeople.member("b", role: .admin))
            let linked = try #require(station.hub.user(local.id))
            #expect(linked.cloudUserID == "b" && linked.role == .admin)
            let hashes = try await station.hub.passwordHashes(of: local.id)
            #expect(hashes.local == "local hash")
        }
    }

    @Test("Nobody becomes owner this way, the owner does not cease to be it, and nobody takes another's account")
    func refused() async throws {
        try await Self.run { station, _, _ in
            let newOwner = try CloudPeople.member("b", role: .owner)
            let first = try await Self.expectRefusal(station) { hub async throws(StoreError) in
                try await hub.addCloudMember(newOwner)
            }
            #expect(first == .account(.ownerIsFixed))
            let demoted = try CloudPeople.member("o", role: .admin)
            let second = try await Self.expectRefusal(station) { hub async throws(StoreError) in
                try await hub.addCloudMember(demoted)
            }
            #expect(second == .account(.ownerIsFixed))
            let namesake = try CloudPeople.member("b", "a@example.com")
            let third = try await Self.expectRefusal(station) { hub async throws(StoreError) in
                try await hub.addCloudMember(namesake)
            }
            guard case .conflict(field: "email", _, _) = third else {
                Issue.record("\(String(describing: third))")
                return
            }
        }
    }

    // MARK: Updated

    @Test("What is given changes, the rest stays")
    func updated() async throws {
        try await Self.run { station, _, anna in
            let announcements = Announcements(of: station.hub)
            try await station.hub.updateCloudMember(CloudMemberChanges(cloudUserID: "a", role: .admin))
            let email = try #require(EmailAddress("anna@example.com"))
            try await station.hub.updateCloudMember(CloudMemberChanges(cloudUserID: "a", email: email, name: "Anna"))
            let changed = try #require(station.hub.user(anna.id))
            #expect(changed.role == .admin && changed.stationRole == .admin && changed.name == "Anna")
            #expect(changed.email == "anna@example.com")
            let events = await announcements.next()
            #expect(events == [.account(.updated(anna.id)), .account(.updated(anna.id))])
        }
    }

    @Test("Whom the cloud has not named cannot be changed, nor who the owner is, nor to another's address")
    func updateRefused() async throws {
        try await Self.run { station, _, _ in
            _ = try await CloudPeople.local(station.hub, "l@example.com", .given(.member))
            let unknown = try await Self.expectRefusal(station) { hub async throws(StoreError) in
                try await hub.updateCloudMember(CloudMemberChanges(cloudUserID: "x", name: "X"))
            }
            #expect(unknown == .notFound(.user, id: "x"))
            for (id, role) in [("a", UserRole.owner), ("o", .member)] {
                let refusal = try await Self.expectRefusal(station) { hub async throws(StoreError) in
                    try await hub.updateCloudMember(CloudMemberChanges(cloudUserID: id, role: role))
                }
                #expect(refusal == .account(.ownerIsFixed))
            }
            let email = try #require(EmailAddress("l@example.com"))
            let taken = try await Self.expectRefusal(station) { hub async throws(StoreError) in
                try await hub.updateCloudMember(CloudMemberChanges(cloudUserID: "a", email: email))
            }
            guard case .conflict(field: "email", _, _) = taken else {
                Issue.record("\(String(describing: taken))")
                return
            }
        }
    }

    // MARK: Removed

    @Test("A removed member's sessions, tokens and logins end at once; who is not here needs no removing")
    func removed() async throws {
        try await Self.run { station, _, anna in
            let session = try await station.hub.beginSession(of: anna.id, tokenHash: [1], lifetime: .seconds(60))
            let login = try await station.hub.mintCredential(for: .user(anna.id), lifetime: .seconds(60))
            let announcements = Announcements(of: station.hub)
            let wasHere = try await station.hub.removeCloudMember("a")
            #expect(wasHere && station.hub.user(anna.id) == nil && !station.hub.isLive(session, of: anna.id))
            #expect(station.hub.credential(named: login.credential.username) == nil)
            let refreshed = try await station.hub.rotateRefreshToken([1], to: [2], lifetime: .seconds(60))
            #expect(refreshed == .refused)
            let isHere = try await station.hub.removeCloudMember("a")
            let events = await announcements.next()
            #expect(!isHere && events == [.account(.removed(anna.id))])
        }
    }

    @Test("The owner is never removed this way")
    func ownerStays() async throws {
        try await Self.run { station, _, _ in
            let refusal = try await Self.expectRefusal(station) { hub async throws(StoreError) in
                try await hub.removeCloudMember("o")
            }
            #expect(refusal == .account(.ownerIsFixed))
        }
    }

    // MARK: Passwords

    @Test("A password that was set in the cloud ends every session and login of its person, and of nobody else")
    func password() async throws {
        try await Self.run { station, owner, anna in
            let session = try await station.hub.beginSession(of: anna.id, tokenHash: [1], lifetime: .seconds(60))
            let other = try await station.hub.beginSession(of: owner.id, tokenHash: [3], lifetime: .seconds(60))
            let login = try await station.hub.mintCredential(for: .user(anna.id), lifetime: .seconds(60))
            let announcements = Announcements(of: station.hub)
            let hash = try #require(BcryptHash(CloudPeople.otherHashText))
            try await station.hub.setCloudPassword(hash, of: "a")
            let hashes = try await station.hub.passwordHashes(of: anna.id)
            #expect(hashes.cloud == CloudPeople.otherHashText && hashes.cloudSyncedAt == station.hub.tokenTime)
            #expect(!station.hub.isLive(session, of: anna.id) && station.hub.isLive(other, of: owner.id))
            #expect(station.hub.user(anna.id)?.sessionsRevokedAt == station.hub.tokenTime)
            #expect(station.hub.credential(named: login.credential.username) == nil)
            let refreshed = try await station.hub.rotateRefreshToken([1], to: [2], lifetime: .seconds(60))
            #expect(refreshed == .refused)
            let events = await announcements.next()
            #expect(events == [.loginsChanged, .account(.sessionsRevoked(anna.id))])
            let refusal = try await Self.expectRefusal(station) { hub async throws(StoreError) in
                try await hub.setCloudPassword(hash, of: "x")
            }
            #expect(refusal == .notFound(.user, id: "x"))
        }
    }

    // MARK: Reset

    @Test("A reset is on record until it is done; then the claim and the sessions of the cloud's people are gone")
    func reset() async throws {
        try await Self.run { station, owner, anna in
            let local = try await CloudPeople.local(station.hub, "l@example.com", .given(.member))
            try await station.hub.claim(with: Secret("token"))
            let session = try await station.hub.beginSession(of: anna.id, tokenHash: [1], lifetime: .seconds(60))
            let kept = try await station.hub.beginSession(of: local.id, tokenHash: [2], lifetime: .seconds(60))
            try await station.hub.beginReset()
            let claim = station.hub.cloudClaim
            #expect(claim.resetStep == .devices && claim.isClaimed)
            let next = try await station.restarted()
            #expect(next.hub.cloudClaim.resetStep == .devices && next.hub.isLive(session, of: anna.id))
            try await next.hub.finishReset()
            let after = next.hub.cloudClaim
            #expect(after.resetStep == nil && !after.isClaimed && after.claimSecret != claim.claimSecret)
            #expect(!next.hub.isLive(session, of: anna.id) && next.hub.isLive(kept, of: local.id))
            #expect(next.hub.user(owner.id)?.sessionsRevokedAt != nil && next.hub.users.count == 3)
            #expect(next.hub.outboxDepth == 0 && next.hub.tokenAside == nil)
            let last = try await next.restarted()
            #expect(last.hub.cloudClaim == after && last.hub.users == next.hub.users)
        }
    }
}
