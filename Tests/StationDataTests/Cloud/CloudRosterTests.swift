import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("The cloud's whole list of members")
struct CloudRosterTests {
    // MARK: Lists that make no sense

    @Test("An empty list, one without the owner, with two, or with anything twice is none")
    func senseless() throws {
        let owner = try CloudPeople.member("o", role: .owner)
        let anna = try CloudPeople.member("a")
        let lists: [(String?, [CloudMember])] = [
            (nil, []), (nil, [anna]), ("x", [owner, anna]), ("a", [owner, anna]),
            (nil, [owner, try CloudPeople.member("p", role: .owner)]), (nil, [owner, anna, anna]),
            (nil, [owner, try CloudPeople.member("b", "o@example.com")]),
        ]
        for (ownerID, members) in lists {
            let error = #expect(throws: StoreError.self) { try CloudRoster(ownerID: ownerID, members: members) }
            #expect(error?.invalidField == "members")
        }
    }

    @Test("The owner is who is named, else who has the role")
    func owner() throws {
        let anna = try CloudPeople.member("a")
        let named = try CloudRoster(ownerID: "a", members: [anna])
        #expect(named.ownerID == "a")
        let byRole = try CloudRoster(members: [anna, try CloudPeople.member("o", role: .owner)])
        #expect(byRole.ownerID == "o")
    }

    // MARK: Putting a list in force

    @Test("On a new station everybody is made, announced and stored, and can have a password of the cloud")
    func new() async throws {
        try await TestStation.run { station in
            let announcements = Announcements(of: station.hub)
            let roster = try CloudRoster(
                stationName: "Harbour",
                members: [
                    CloudPeople.member("o", name: "Olga", role: .owner, hash: CloudPeople.hashText),
                    CloudPeople.member("a", role: .admin),
                ]
            )
            try await station.hub.apply(roster)
            #expect(CloudPeople.shown(station.hub) == ["o@example.com owner o", "a@example.com admin a"])
            #expect(station.hub.stationName == "Harbour" && !station.hub.needsOwner)
            let olga = try #require(station.hub.users.first)
            #expect(olga.name == "Olga" && olga.stationRole == .owner && olga.isEmailVerified)
            let hashes = try await station.hub.passwordHashes(of: olga.id)
            #expect(hashes.local == nil && hashes.cloud == CloudPeople.hashText)
            #expect(hashes.cloudSyncedAt == station.hub.tokenTime)
            let events = await announcements.next()
            #expect(events == station.hub.users.map { .account(.created($0.id)) })
            let stored = try await CloudPeople.stored(station)
            #expect(stored == station.hub.users)
        }
    }

    @Test("The same list again changes and announces nothing but the time of the cloud's word")
    func again() async throws {
        try await TestStation.run { station in
            let roster = try CloudRoster(
                members: [CloudPeople.member("o", role: .owner), CloudPeople.member("a", hash: CloudPeople.hashText)]
            )
            try await station.hub.apply(roster)
            let before = station.hub.users
            let announcements = Announcements(of: station.hub)
            station.clock.advance(by: .seconds(86_400))
            try await station.hub.apply(roster)
            let events = await announcements.next()
            #expect(events == [] && station.hub.users == before)
            let hashes = try await station.hub.passwordHashes(of: #require(before.last).id)
            #expect(hashes.cloudSyncedAt == station.hub.tokenTime && hashes.cloud == CloudPeople.hashText)
        }
    }

    @Test("A local owner with the same address is linked, keeps password and sessions, and is the same person")
    func linked() async throws {
        try await TestStation.run { station in
            let local = try await CloudPeople.local(station.hub, "o@example.com", .firstOwner)
            let session = try await station.hub.beginSession(of: local.id, tokenHash: [1], lifetime: .seconds(60))
            try await station.hub.apply(CloudRoster(members: [CloudPeople.member("o", "O@Example.com", role: .owner)]))
            let linked = try #require(station.hub.user(local.id))
            #expect(linked.cloudUserID == "o" && linked.role == .owner && linked.name == "local")
            #expect(station.hub.isLive(session, of: local.id) && linked.sessionsRevokedAt == nil)
            let hashes = try await station.hub.passwordHashes(of: local.id)
            #expect(hashes.local == "local hash")
        }
    }

    @Test("Who made an account without being taken in is linked, but gets in by the cloud alone")
    func selfMade() async throws {
        try await TestStation.run { station in
            let stranger = try await CloudPeople.local(station.hub, "o@example.com", .open)
            let session = try await station.hub.beginSession(of: stranger.id, tokenHash: [1], lifetime: .seconds(60))
            let login = try await station.hub.mintCredential(for: .user(stranger.id), lifetime: .seconds(60))
            try await station.hub.apply(CloudRoster(members: [CloudPeople.member("o", role: .owner)]))
            let linked = try #require(station.hub.user(stranger.id))
            #expect(linked.role == .owner && linked.sessionsRevokedAt == station.hub.tokenTime)
            #expect(!station.hub.isLive(session, of: stranger.id))
            #expect(station.hub.credential(named: login.credential.username) == nil)
            let hashes = try await station.hub.passwordHashes(of: stranger.id)
            #expect(hashes.local == nil)
        }
    }

    @Test("Another owner takes over: one from the cloud stays as told, one made here becomes an admin")
    func ownership() async throws {
        try await TestStation.run { station in
            let local = try await CloudPeople.local(station.hub, "l@example.com", .firstOwner)
            try await station.hub.apply(
                CloudRoster(members: [CloudPeople.member("o", role: .owner), CloudPeople.member("a")]))
            #expect(
                CloudPeople.shown(station.hub)
                    == ["l@example.com admin –", "o@example.com owner o", "a@example.com member a"]
            )
            #expect(station.hub.user(local.id)?.stationRole == .admin)
            try await station.hub.apply(
                CloudRoster(ownerID: "a", members: [CloudPeople.member("o", role: .admin), CloudPeople.member("a")])
            )
            #expect(
                CloudPeople.shown(station.hub)
                    == ["l@example.com admin –", "o@example.com admin o", "a@example.com owner a"]
            )
            let stored = try await CloudPeople.stored(station)
            #expect(stored == station.hub.users)
        }
    }

    @Test("Who came from the cloud and is not in the list any more is gone with everything; who was made here stays")
    func removed() async throws {
        try await TestStation.run { station in
            _ = try await CloudPeople.local(station.hub, "l@example.com", .given(.member))
            try await station.hub.apply(
                CloudRoster(members: [CloudPeople.member("o", role: .owner), CloudPeople.member("a")]))
            let anna = try #require(station.hub.users.first { $0.cloudUserID == "a" })
            let session = try await station.hub.beginSession(of: anna.id, tokenHash: [1], lifetime: .seconds(60))
            let login = try await station.hub.mintCredential(for: .user(anna.id), lifetime: .seconds(60))
            let announcements = Announcements(of: station.hub)
            try await station.hub.apply(CloudRoster(members: [CloudPeople.member("o", role: .owner)]))
            #expect(CloudPeople.shown(station.hub) == ["l@example.com member –", "o@example.com owner o"])
            #expect(!station.hub.isLive(session, of: anna.id))
            #expect(station.hub.credential(named: login.credential.username) == nil)
            let refreshed = try await station.hub.rotateRefreshToken([1], to: [2], lifetime: .seconds(60))
            #expect(refreshed == .refused)
            let events = await announcements.next()
            #expect(events == [.account(.removed(anna.id))])
            #expect(try station.count("broker_credentials") == 0)
        }
    }

    @Test("Even the owner is replaced who is in the list no longer")
    func ownerRemoved() async throws {
        try await TestStation.run { station in
            try await station.hub.apply(CloudRoster(members: [CloudPeople.member("o", role: .owner)]))
            try await station.hub.apply(CloudRoster(members: [CloudPeople.member("p", role: .owner)]))
            #expect(CloudPeople.shown(station.hub) == ["p@example.com owner p"])
        }
    }

    @Test("Addresses may go round among the members")
    func addressesGoRound() async throws {
        try await TestStation.run { station in
            let ids = ["o", "a", "b"]
            let members = try ids.map { try CloudPeople.member($0, role: $0 == "o" ? .owner : .member) }
            try await station.hub.apply(CloudRoster(members: members))
            let before = station.hub.users.map(\.id)
            let moved = try [
                CloudPeople.member("o", "a@example.com", role: .owner), CloudPeople.member("a", "b@example.com"),
                CloudPeople.member("b", "o@example.com"),
            ]
            try await station.hub.apply(CloudRoster(members: moved))
            #expect(
                CloudPeople.shown(station.hub)
                    == ["a@example.com owner o", "b@example.com member a", "o@example.com member b"]
            )
            #expect(station.hub.users.map(\.id) == before)
            let stored = try await CloudPeople.stored(station)
            #expect(stored == station.hub.users)
        }
    }

    @Test("The address of somebody who has left it is free for somebody new")
    func addressHandedOn() async throws {
        try await TestStation.run { station in
            try await station.hub.apply(
                CloudRoster(members: [CloudPeople.member("o", role: .owner), CloudPeople.member("a")]))
            let moved = try [
                CloudPeople.member("o", role: .owner), CloudPeople.member("a", "new@example.com"),
                CloudPeople.member("b", "a@example.com"),
            ]
            try await station.hub.apply(CloudRoster(members: moved))
            #expect(
                CloudPeople.shown(station.hub)
                    == ["o@example.com owner o", "new@example.com member a", "a@example.com member b"]
            )
        }
    }

    @Test("After a claim by another cloud people are known by their addresses, and sign in anew")
    func otherCloud() async throws {
        try await TestStation.run { station in
            try await station.hub.apply(
                CloudRoster(members: [CloudPeople.member("o", role: .owner), CloudPeople.member("a")]))
            let anna = try #require(station.hub.users.last)
            let session = try await station.hub.beginSession(of: anna.id, tokenHash: [1], lifetime: .seconds(60))
            let members = try [
                CloudPeople.member("1", "o@example.com", role: .owner), CloudPeople.member("2", "a@example.com"),
            ]
            try await station.hub.apply(CloudRoster(members: members))
            #expect(CloudPeople.shown(station.hub) == ["o@example.com owner 1", "a@example.com member 2"])
            #expect(station.hub.users.last?.id == anna.id && !station.hub.isLive(session, of: anna.id))
        }
    }

    @Test("An address that an account of this station has is refused, and nothing of the list is done")
    func conflict() async throws {
        try await TestStation.run { station in
            try await station.hub.apply(
                CloudRoster(members: [CloudPeople.member("o", role: .owner), CloudPeople.member("a")]))
            _ = try await CloudPeople.local(station.hub, "l@example.com", .given(.member))
            let before = station.hub.users
            let announcements = Announcements(of: station.hub)
            let roster = try CloudRoster(
                stationName: "Other",
                members: [
                    CloudPeople.member("new", role: .owner), CloudPeople.member("o", role: .admin),
                    CloudPeople.member("a", "l@example.com"),
                ]
            )
            let error = await #expect(throws: StoreError.self) { try await station.hub.apply(roster) }
            guard case .conflict(field: "email", value: "a", _) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(station.hub.users == before && station.hub.stationName != "Other")
            let events = await announcements.next()
            let stored = try await CloudPeople.stored(station)
            #expect(events == [] && stored == before)
        }
    }

    @Test("A name that the list does not give stays; a password that it does not give stays")
    func whatIsLeftOut() async throws {
        try await TestStation.run { station in
            try await station.hub.apply(
                CloudRoster(members: [CloudPeople.member("o", name: "Olga", role: .owner, hash: CloudPeople.hashText)])
            )
            try await station.hub.apply(CloudRoster(members: [CloudPeople.member("o", role: .owner)]))
            let olga = try #require(station.hub.users.first)
            let hashes = try await station.hub.passwordHashes(of: olga.id)
            #expect(olga.name == "Olga" && hashes.cloud == CloudPeople.hashText)
        }
    }

    @Test("Any list after any other leaves the same members as on a new station, and memory as the store")
    func anyOrder() async throws {
        try await TestStation.run { station in
            var random = RepeatableRandom(seed: 4)
            for _ in 0..<60 {
                let members = try Self.someMembers(&random)
                try await station.hub.apply(CloudRoster(members: members))
                let wanted = Set(members.map { "\($0.email) \($0.role.rawValue) \($0.cloudUserID)" })
                #expect(Set(CloudPeople.shown(station.hub)) == wanted)
                let stored = try await CloudPeople.stored(station)
                #expect(stored == station.hub.users)
            }
        }
    }

    private static func someMembers(_ random: inout RepeatableRandom) throws -> [CloudMember] {
        let ids = ["a", "b", "c", "d", "e"].shuffled(using: &random)
        let emails = ["1", "2", "3", "4", "5"].shuffled(using: &random)
        return try (0..<Int.random(in: 1...5, using: &random)).map { index in
            try CloudPeople.member(
                ids[index], "\(emails[index])@example.com",
                role: index == 0 ? .owner : random.pick([UserRole.admin, .member])
            )
        }.shuffled(using: &random)
    }
}
