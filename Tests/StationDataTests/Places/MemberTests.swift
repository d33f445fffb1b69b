import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("Members of a place")
struct MemberTests {
    /// A place of Ann's, with Bob, who is nobody there yet.
    private struct Flat {
        let id: PlaceID
        let ann: UserID
        let bob: UserID
    }

    private func flat(_ station: TestStation) async throws -> Flat {
        let ann = try station.addUser("Ann")
        let place = try await station.hub.addPlace(name: "Flat", owner: ann)
        return Flat(id: place.id, ann: ann, bob: try station.addUser("Bob"))
    }

    @Test("One is added by e-mail in whatever case, is in memory and announced at once, and there after a restart")
    func adding() async throws {
        try await TestStation.run { station in
            let flat = try await self.flat(station)
            let announcements = Announcements(of: station.hub)
            station.clock.advance(by: .seconds(1))
            try await station.hub.addMember(email: "BOB@Example.org", role: .viewer, to: flat.id, by: .owner)
            #expect(await announcements.next() == [.membershipChanged(flat.bob)])
            let again = try await station.restarted()
            for hub in [station.hub, again.hub] {
                #expect(hub.placeRole(of: flat.bob, in: flat.id) == .viewer)
                #expect(hub.places(of: flat.bob) == [flat.id])
            }
            let members = try await again.hub.members(of: flat.id)
            #expect(members.map(\.userID) == [flat.ann, flat.bob])
            #expect(members.map(\.userName) == ["Ann", "Bob"])
            #expect(members.map(\.role) == [.owner, .viewer])
            #expect(members.map(\.email) == ["ann@example.org", "bob@example.org"])
        }
    }

    @Test("Nobody learns from a refusal who has an account: the role is judged before the e-mail address")
    func roleFirst() async throws {
        try await TestStation.run { station in
            let flat = try await self.flat(station)
            for email in ["bob@example.org", "nobody@example.org", "ann@example.org"] {
                for (actor, role) in [(.viewer, .viewer), (.admin, .admin), (.owner, .owner)]
                    as [(PlaceRole, PlaceRole)]
                {
                    let error = await #expect(throws: StoreError.self) {
                        try await station.hub.addMember(email: email, role: role, to: flat.id, by: actor)
                    }
                    #expect(error?.isForbidden == true)
                }
            }
            #expect(try await station.hub.members(of: flat.id).count == 1)
        }
    }

    @Test("An unknown e-mail address is not found, a member is not added twice")
    func refusals() async throws {
        try await TestStation.run { station in
            let flat = try await self.flat(station)
            let announcements = Announcements(of: station.hub)
            await #expect(throws: StoreError.notFound(.user, id: "x@example.org")) {
                try await station.hub.addMember(email: "x@example.org", role: .viewer, to: flat.id, by: .owner)
            }
            let error = await #expect(throws: StoreError.self) {
                try await station.hub.addMember(email: "ann@example.org", role: .viewer, to: flat.id, by: .owner)
            }
            #expect(error?.isConflict == true)
            #expect(station.hub.placeRole(of: flat.ann, in: flat.id) == .owner)
            #expect(await announcements.next() == [])
        }
    }

    @Test("The owner gives another role; the same again changes nothing; the owner's own stays")
    func changing() async throws {
        try await TestStation.run { station in
            let flat = try await self.flat(station)
            try await station.hub.addMember(email: "bob@example.org", role: .viewer, to: flat.id, by: .owner)
            let announcements = Announcements(of: station.hub)
            for _ in 0..<2 {
                try await station.hub.changeRole(of: flat.bob, in: flat.id, to: .admin, by: .owner)
                #expect(station.hub.placeRole(of: flat.bob, in: flat.id) == .admin)
            }
            #expect(await announcements.next() == [.membershipChanged(flat.bob)])
            for (user, role, actor) in [
                (flat.ann, .viewer, .owner), (flat.bob, .owner, .owner), (flat.bob, .viewer, .admin),
                (flat.bob, .viewer, .viewer),
            ] as [(UserID, PlaceRole, PlaceRole)] {
                let error = await #expect(throws: StoreError.self) {
                    try await station.hub.changeRole(of: user, in: flat.id, to: role, by: actor)
                }
                #expect(error?.isForbidden == true)
            }
            let stranger = try station.addUser("Stranger")
            await #expect(throws: StoreError.notFound(.member, id: stranger.description)) {
                try await station.hub.changeRole(of: stranger, in: flat.id, to: .viewer, by: .owner)
            }
            #expect(station.hub.placeRole(of: flat.ann, in: flat.id) == .owner)
            #expect(try await station.restarted().hub.placeRole(of: flat.bob, in: flat.id) == .admin)
        }
    }

    @Test("An admin removes viewers only, everybody but the owner may leave, and who is gone has no role any more")
    func removing() async throws {
        try await TestStation.run { station in
            let flat = try await self.flat(station)
            let cid = try station.addUser("Cid")
            let dot = try station.addUser("Dot")
            for (email, role) in [("bob", .admin), ("cid", .admin), ("dot", .viewer)] as [(String, PlaceRole)] {
                try await station.hub.addMember(email: "\(email)@example.org", role: role, to: flat.id, by: .owner)
            }
            func remove(_ user: UserID, by actor: UserID) async throws {
                let role = try #require(station.hub.placeRole(of: actor, in: flat.id))
                try await station.hub.removeMember(user, from: flat.id, by: actor, as: role)
            }
            for (user, actor) in [(cid, flat.bob), (flat.ann, flat.bob), (cid, dot), (flat.ann, flat.ann)] {
                let error = await #expect(throws: StoreError.self) { try await remove(user, by: actor) }
                #expect(error?.isForbidden == true)
            }
            let announcements = Announcements(of: station.hub)
            try await remove(dot, by: flat.bob)
            try await remove(flat.bob, by: flat.bob)
            try await remove(cid, by: flat.ann)
            #expect(
                await announcements.next() == [dot, flat.bob, cid].map { .membershipChanged($0) }
            )
            await #expect(throws: StoreError.notFound(.member, id: cid.description)) {
                try await remove(cid, by: flat.ann)
            }
            let again = try await station.restarted()
            for hub in [station.hub, again.hub] {
                #expect([flat.bob, cid, dot].allSatisfy { hub.placeRole(of: $0, in: flat.id) == nil })
                #expect(hub.places(of: dot).isEmpty)
            }
        }
    }

    @Test("What another process changes about members is noticed with the next round")
    func foreign() async throws {
        try await TestStation.run { station in
            let flat = try await self.flat(station)
            await station.lookRound()
            let cli = try await station.commandLine()
            let announcements = Announcements(of: station.hub)
            try await cli.addMember(email: "bob@example.org", role: .viewer, to: flat.id, by: .owner)
            #expect(station.hub.placeRole(of: flat.bob, in: flat.id) == nil)
            await station.lookRound()
            #expect(station.hub.placeRole(of: flat.bob, in: flat.id) == .viewer)
            #expect(await announcements.next() == [.membershipChanged(flat.bob)])
            // A user who is deleted takes the memberships along.
            try station.execute("PRAGMA foreign_keys = ON; DELETE FROM users WHERE id = '\(flat.bob)'")
            await station.lookRound()
            #expect(station.hub.placeRole(of: flat.bob, in: flat.id) == nil)
            #expect(station.hub.placeRole(of: flat.ann, in: flat.id) == .owner)
            #expect(await announcements.next().usersWithChanges == [flat.bob])
            await station.lookRound()
            #expect(await announcements.next() == [])
        }
    }

    @Test("Somebody whose account is removed is a member of nothing any more")
    func removedAccount() async throws {
        try await TestStation.run { station in
            let flat = try await self.flat(station)
            try await station.hub.addMember(email: "bob@example.org", role: .viewer, to: flat.id, by: .owner)
            try await station.hub.removeUser(flat.bob)
            #expect(station.hub.placeRole(of: flat.bob, in: flat.id) == nil)
            #expect(try await station.hub.members(of: flat.id).map(\.userID) == [flat.ann])
            #expect(station.hub.placeRole(of: flat.ann, in: flat.id) == .owner)
        }
    }
}
