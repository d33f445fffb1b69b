import Accounts
import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("Registration, invitations, one-time codes")
struct RegistrationTests {
    @Test("The first account owns the station; without an invitation there is no second one")
    func firstOwner() async throws {
        let station = try await AccountFixture()
        #expect(station.hub.needsOwner)
        #expect(try await station.register("owner@example.com").role == .owner)
        #expect(!station.hub.needsOwner)
        await #expect(throws: AccountError.registrationClosed) { try await station.register("next@example.com") }
        #expect(station.hub.users.count == 1)
    }

    @Test("Of twenty who set the station up at once, one becomes owner")
    func race() async throws {
        let station = try await AccountFixture()
        await withTaskGroup(of: Void.self) { group in
            for index in 0..<20 {
                group.addTask { _ = try? await station.register("owner\(index)@example.com") }
            }
        }
        #expect(station.hub.users.map(\.role) == [.owner])
    }

    @Test("An address is taken whatever its case")
    func emailTaken() async throws {
        let station = try await AccountFixture { $0.registration = .open }
        try await station.register("Owner@Example.com")
        await #expect(throws: AccountError.store(.account(.emailTaken))) {
            try await station.register("oWNER@eXAMPLE.COM")
        }
        _ = try await station.signIn("OWNER@example.COM")
    }

    @Test(
        "What is no address is refused",
        arguments: ["", "a", "@", "a@", "@b.c", "a@b@c", "a b@c.d", "a@b c", "a\u{0}@b.c", "a\n@b.c", "<a@b.c>"])
    func invalidEmail(email: String) async throws {
        let station = try await AccountFixture()
        await #expect(throws: AccountError.invalidEmail) { try await station.register(email) }
        #expect(station.hub.users.isEmpty)
    }

    @Test("An invitation works once, for its address, and gives its role")
    func invitation() async throws {
        let station = try await AccountFixture()
        let owner = try await station.register("owner@example.com")
        let invitation = try await station.desk.invite("Anna@example.com", as: .admin, by: owner)
        #expect(invitation.link.revealed.hasPrefix("http://station.local/register?invite="))
        await #expect(throws: AccountError.store(.account(.invitationInvalid))) {
            try await station.register("bert@example.com", invite: invitation.token)
        }
        #expect(try await station.register("anna@example.com", invite: invitation.token).role == .admin)
        try await station.hub.removeUser(try #require(station.hub.users.last?.id))
        await #expect(throws: AccountError.store(.account(.invitationInvalid))) {
            try await station.register("anna@example.com", invite: invitation.token)
        }
    }

    @Test("An invitation that failed for another reason is not used up")
    func invitationSurvives() async throws {
        let station = try await AccountFixture()
        let owner = try await station.register("owner@example.com")
        let invitation = try await station.desk.invite("anna@example.com", as: .member, by: owner)
        await #expect(throws: AccountError.invalidPassword) {
            try await station.desk.register(
                email: "anna@example.com", password: Secret("short"), name: "", inviteToken: invitation.token,
                from: AccountFixture.home
            )
        }
        try await station.register("anna@example.com", invite: invitation.token)
    }

    @Test("An invitation expires, and a newer one takes its place")
    func invitationEnds() async throws {
        let station = try await AccountFixture { $0.invitationLifetime = .seconds(60) }
        let owner = try await station.register("owner@example.com")
        let older = try await station.desk.invite("anna@example.com", as: .admin, by: owner)
        let newer = try await station.desk.invite("anna@example.com", as: .member, by: owner)
        await #expect(throws: AccountError.store(.account(.invitationInvalid))) {
            try await station.register("anna@example.com", invite: older.token)
        }
        station.clock.advance(by: .seconds(60))
        await #expect(throws: AccountError.store(.account(.invitationInvalid))) {
            try await station.register("anna@example.com", invite: newer.token)
        }
        await #expect(throws: AccountError.store(.account(.emailTaken))) {
            try await station.desk.invite("owner@example.com", as: .member, by: owner)
        }
    }

    @Test("Where mail is set up, an address is verified by one code before its owner can sign in")
    func verification() async throws {
        let station = try await AccountFixture(verifiesEmail: true)
        try await station.register("owner@example.com")
        await #expect(throws: AccountError.emailNotVerified) { try await station.signIn("owner@example.com") }
        #expect(station.outbox.posted.count == 1)
        #expect(station.outbox.posted.first?.to.address == "owner@example.com")
        let code = try station.outbox.code()
        #expect(code.revealed.count == 6 && code.revealed.allSatisfy(\.isNumber))
        try await station.desk.verifyCode(code, of: "owner@example.com", from: AccountFixture.home)
        _ = try await station.signIn("owner@example.com")
        await #expect(throws: AccountError.wrongCode) {
            try await station.desk.verifyCode(code, of: "owner@example.com", from: AccountFixture.home)
        }
    }

    @Test("Codes lie 60 seconds apart, exactly one mail for each, and an address without an account looks the same")
    func cooldown() async throws {
        let station = try await AccountFixture(verifiesEmail: true)
        try await station.register("owner@example.com")
        for email in ["owner@example.com", "nobody@example.com"] {
            if email.hasPrefix("nobody") { try await station.desk.sendCode(to: email, from: AccountFixture.home) }
            await #expect(throws: AccountError.codeSentRecently(retryAfter: .seconds(60))) {
                try await station.desk.sendCode(to: email, from: AccountFixture.home)
            }
        }
        #expect(station.outbox.posted.count == 1)
        let first = try station.outbox.code()
        station.clock.advance(by: .seconds(60))
        try await station.desk.sendCode(to: "owner@example.com", from: AccountFixture.home)
        try await station.desk.sendCode(to: "nobody@example.com", from: AccountFixture.home)
        #expect(station.outbox.posted.count == 2)
        // The older code is void.
        let second = try station.outbox.code()
        if first != second {
            await #expect(throws: AccountError.wrongCode) {
                try await station.desk.verifyCode(first, of: "owner@example.com", from: AccountFixture.home)
            }
        }
        try await station.desk.verifyCode(second, of: "owner@example.com", from: AccountFixture.home)
        // Whoever is verified gets no further code.
        station.clock.advance(by: .seconds(60))
        try await station.desk.sendCode(to: "owner@example.com", from: AccountFixture.home)
        #expect(station.outbox.posted.count == 2)
    }

    @Test("A code expires after 5 minutes, and after 5 wrong ones not even the right one counts")
    func codeLimits() async throws {
        let station = try await AccountFixture(verifiesEmail: true)
        try await station.register("owner@example.com")
        let code = try station.outbox.code()
        let wrong = Secret(code.revealed == "000000" ? "000001" : "000000")
        for _ in 0..<5 {
            await #expect(throws: AccountError.wrongCode) {
                try await station.desk.verifyCode(wrong, of: "owner@example.com", from: AccountFixture.home)
            }
        }
        await #expect(throws: AccountError.codesExhausted(retryAfter: .seconds(60))) {
            try await station.desk.verifyCode(code, of: "owner@example.com", from: AccountFixture.home)
        }
        station.clock.advance(by: .seconds(60))
        try await station.desk.sendCode(to: "owner@example.com", from: AccountFixture.home)
        let next = try station.outbox.code()
        station.clock.advance(by: .seconds(300))
        await #expect(throws: AccountError.wrongCode) {
            try await station.desk.verifyCode(
                next, of: "owner@example.com", from: Origin(address: "192.0.2.9", isLocal: false))
        }
    }

    @Test("Without a mail server there are no codes, and nobody needs one")
    func noMail() async throws {
        let station = try await AccountFixture()
        try await station.register("owner@example.com")
        await #expect(throws: AccountError.mailOff) {
            try await station.desk.sendCode(to: "owner@example.com", from: AccountFixture.home)
        }
        _ = try await station.signIn("owner@example.com")
    }
}
