import Accounts
import Logging
import StationCore
import StationData
import StationTestSupport
import Testing

/// A desk over a store in memory, with clocks that only the test moves and an outbox that keeps what was posted.
struct AccountFixture {
    static let home = Origin(address: "192.0.2.1", isLocal: false)
    static let password = Secret("correct horse")
    static let secret = Secret("a key for tests that is long enough")

    let clock = ManualClock()
    let hub: StationHub
    let desk: AccountDesk
    let outbox = Outbox()

    init(
        verifiesEmail: Bool = false, database: StationDatabase? = nil,
        _ change: (inout AccountSettings) -> Void = { _ in }
    ) async throws {
        self.hub = try await StationHub.open(database: try database ?? StationDatabase.inMemory(), clock: self.clock)
        var settings = AccountSettings(stationName: "Test station", publicURL: "http://station.local")
        change(&settings)
        let issuer = try #require(StationID("station-1"))
        self.desk = AccountDesk(
            settings: settings, secret: Self.secret, hub: self.hub,
            tokens: await AccessTokens(secret: Self.secret, issuer: issuer, lifetime: .seconds(900)),
            mail: verifiesEmail ? self.outbox : nil, clock: self.clock, logger: Logger(label: "test")
        )
    }

    @discardableResult
    func register(_ email: String, invite: Secret? = nil) async throws -> User {
        try await self.desk.register(
            email: email, password: Self.password, name: "", inviteToken: invite, from: Self.home
        )
    }

    func signIn(
        _ email: String, _ password: Secret = Self.password, from origin: Origin = Self.home
    ) async throws -> SignIn {
        try await self.desk.signIn(email: email, password: password, from: origin)
    }
}

/// Keeps messages instead of sending them.
final class Outbox: MailSender {
    private let messages = Locked<[MailMessage]>([])

    var posted: [MailMessage] { self.messages.value }

    func post(_ message: MailMessage) {
        self.messages.withLock { $0.append(message) }
    }

    /// The code of the newest message.
    func code() throws -> Secret {
        let text = try #require(self.posted.last?.text)
        return Secret(String(text.prefix(6)))
    }
}
