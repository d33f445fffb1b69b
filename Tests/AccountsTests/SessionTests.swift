import Accounts
import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("Sessions")
struct SessionTests {
    @Test("A refresh token works once; shown again later, it ends its whole family")
    func reuse() async throws {
        let station = try await AccountFixture()
        try await station.register("owner@example.com")
        let first = try await station.signIn("owner@example.com")
        let other = try await station.signIn("owner@example.com")
        let firstToken = try #require(first.refreshToken)
        let second = try await station.desk.refresh(firstToken, from: AccountFixture.home)
        #expect(second.sessionID == first.sessionID)
        #expect(second.refreshToken != firstToken)

        station.clock.advance(by: .seconds(11))
        await #expect(throws: AccountError.tokenReused) {
            try await station.desk.refresh(firstToken, from: AccountFixture.home)
        }
        let secondToken = try #require(second.refreshToken)
        await #expect(throws: AccountError.invalidToken) {
            try await station.desk.refresh(secondToken, from: AccountFixture.home)
        }
        await #expect(throws: AccountError.invalidToken) { try await station.desk.authenticate(second.accessToken) }
        // Another sign-in of the same person is another family.
        _ = try await station.desk.authenticate(other.accessToken)
        _ = try await station.desk.refresh(try #require(other.refreshToken), from: AccountFixture.home)
    }

    @Test("For 10 seconds a used refresh token may be shown again, because an answer can be lost, but not without end")
    func grace() async throws {
        let station = try await AccountFixture()
        try await station.register("owner@example.com")
        let token = try #require(try await station.signIn("owner@example.com").refreshToken)
        _ = try await station.desk.refresh(token, from: AccountFixture.home)
        station.clock.advance(by: .seconds(9))
        let again = try await station.desk.refresh(token, from: AccountFixture.home)
        _ = try await station.desk.authenticate(again.accessToken)
        _ = try await station.desk.refresh(token, from: AccountFixture.home)
        await #expect(throws: AccountError.tokenReused) {
            for _ in 0..<5 { _ = try await station.desk.refresh(token, from: AccountFixture.home) }
        }
    }

    @Test("A refresh token expires")
    func expiry() async throws {
        let station = try await AccountFixture { $0.refreshLifetime = .seconds(3600) }
        try await station.register("owner@example.com")
        let token = try #require(try await station.signIn("owner@example.com").refreshToken)
        station.clock.advance(by: .seconds(3600))
        await #expect(throws: AccountError.invalidToken) {
            try await station.desk.refresh(token, from: AccountFixture.home)
        }
    }

    @Test("After signing out neither token of the session works, and another session does")
    func signOut() async throws {
        let station = try await AccountFixture()
        try await station.register("owner@example.com")
        let one = try await station.signIn("owner@example.com")
        let other = try await station.signIn("owner@example.com")
        try await station.desk.signOut(try #require(one.refreshToken))
        await #expect(throws: AccountError.invalidToken) { try await station.desk.authenticate(one.accessToken) }
        await #expect(throws: AccountError.invalidToken) {
            try await station.desk.refresh(try #require(one.refreshToken), from: AccountFixture.home)
        }
        _ = try await station.desk.authenticate(other.accessToken)
        // Whatever else is shown means nothing, and is no error.
        try await station.desk.signOut(Secret("nobody's"))
    }

    @Test("A new password ends all other sessions and keeps the one that set it")
    func passwordChange() async throws {
        let station = try await AccountFixture()
        let user = try await station.register("owner@example.com")
        let mine = try await station.signIn("owner@example.com")
        let other = try await station.signIn("owner@example.com")
        let changed = try await station.desk.changePassword(
            of: user, session: mine.sessionID, from: AccountFixture.password, to: Secret("battery staple"),
            origin: AccountFixture.home
        )
        _ = try await station.desk.authenticate(changed.accessToken)
        _ = try await station.desk.refresh(try #require(mine.refreshToken), from: AccountFixture.home)
        await #expect(throws: AccountError.invalidToken) { try await station.desk.authenticate(mine.accessToken) }
        await #expect(throws: AccountError.invalidToken) { try await station.desk.authenticate(other.accessToken) }
        await #expect(throws: AccountError.invalidToken) {
            try await station.desk.refresh(try #require(other.refreshToken), from: AccountFixture.home)
        }
        await #expect(throws: AccountError.invalidCredentials) { try await station.signIn("owner@example.com") }
        _ = try await station.signIn("owner@example.com", Secret("battery staple"))
    }

    @Test("A wrong current password changes nothing")
    func wrongCurrentPassword() async throws {
        let station = try await AccountFixture()
        let user = try await station.register("owner@example.com")
        let mine = try await station.signIn("owner@example.com")
        await #expect(throws: AccountError.wrongPassword) {
            try await station.desk.changePassword(
                of: user, session: mine.sessionID, from: Secret("not my password"), to: Secret("battery staple"),
                origin: AccountFixture.home
            )
        }
        _ = try await station.desk.authenticate(mine.accessToken)
        _ = try await station.signIn("owner@example.com")
    }

    @Test("Whoever is removed is out at once, with all tokens")
    func removal() async throws {
        let station = try await AccountFixture { $0.registration = .open }
        try await station.register("owner@example.com")
        let guest = try await station.register("guest@example.com")
        let signIn = try await station.signIn("guest@example.com")
        let refreshed = try await station.desk.authenticate(signIn.accessToken)
        #expect(refreshed.user.role == .member)
        try await station.hub.removeUser(guest.id)
        await #expect(throws: AccountError.invalidToken) { try await station.desk.authenticate(signIn.accessToken) }
        await #expect(throws: AccountError.invalidToken) {
            try await station.desk.refresh(try #require(signIn.refreshToken), from: AccountFixture.home)
        }
        await #expect(throws: AccountError.invalidCredentials) { try await station.signIn("guest@example.com") }
    }

    @Test("A session survives a restart, and so does its end")
    func restart() async throws {
        let database = try StationDatabase.inMemory()
        let before = try await AccountFixture(database: database)
        try await before.register("owner@example.com")
        let alive = try await before.signIn("owner@example.com")
        let ended = try await before.signIn("owner@example.com")
        try await before.desk.signOut(try #require(ended.refreshToken))

        let after = try await AccountFixture(database: database)
        _ = try await after.desk.authenticate(alive.accessToken)
        await #expect(throws: AccountError.invalidToken) { try await after.desk.authenticate(ended.accessToken) }
    }

    @Test("Of more sign-ins than anybody needs, the oldest ends")
    func tooManySessions() async throws {
        let station = try await AccountFixture()
        let user = try await station.register("owner@example.com")
        let first = try await station.hub.beginSession(
            of: user.id, tokenHash: OpaqueToken.hash(OpaqueToken.make()), lifetime: .seconds(60)
        )
        for _ in 0..<50 {
            station.clock.advance(by: .milliseconds(1))
            _ = try await station.hub.beginSession(
                of: user.id, tokenHash: OpaqueToken.hash(OpaqueToken.make()), lifetime: .seconds(60)
            )
        }
        #expect(!station.hub.isLive(first, of: user.id))
    }

    @Test(
        "After a start with a clock that was set back, tokens are dated from where time had been, and go on from there")
    func clockSetBack() async throws {
        let database = try StationDatabase.inMemory()
        let before = try await AccountFixture(database: database)
        try await before.register("owner@example.com")
        before.clock.advance(by: .seconds(86_400))
        try await before.hub.flush(.everything)

        // Its clock stands where the first one began: a day ago.
        let after = try await AccountFixture(database: database)
        let floor = ManualClock.usualWallTime.adding(.seconds(86_400))
        #expect(after.hub.tokenTime == floor)
        let signIn = try await after.signIn("owner@example.com")
        let claims = try await after.desk.authenticate(signIn.accessToken).claims
        #expect(claims.issuedAt == floor)
        after.clock.advance(by: .seconds(906))
        await #expect(throws: AccountError.invalidToken) { try await after.desk.authenticate(signIn.accessToken) }
    }
}
