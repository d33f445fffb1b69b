import Accounts
import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("Throttling of guesses")
struct ThrottleTests {
    private static func origin(_ index: Int) -> Origin {
        Origin(address: "192.0.2.\(index)", isLocal: false)
    }

    @Test("After 10 failures an account is closed for 15 minutes, from whatever address they come")
    func perAccount() async throws {
        let station = try await AccountFixture()
        try await station.register("owner@example.com")
        for index in 1...10 {
            await #expect(throws: AccountError.invalidCredentials) {
                try await station.signIn("owner@example.com", Secret("wrong password"), from: Self.origin(index))
            }
        }
        await #expect(throws: AccountError.throttled(retryAfter: .seconds(900))) {
            try await station.signIn("owner@example.com", from: Self.origin(11))
        }
        station.clock.advance(by: .seconds(900))
        _ = try await station.signIn("owner@example.com", from: Self.origin(11))
    }

    @Test("The owner gets in on the station itself, whatever others have tried")
    func local() async throws {
        let station = try await AccountFixture()
        try await station.register("owner@example.com")
        for index in 1...12 {
            _ = try? await station.signIn("owner@example.com", Secret("wrong password"), from: Self.origin(index))
        }
        _ = try await station.signIn("owner@example.com", from: Origin(address: "127.0.0.1", isLocal: true))
    }

    @Test("After 10 failures an address is closed, whatever account it tried, and others are not")
    func perAddress() async throws {
        let station = try await AccountFixture()
        try await station.register("owner@example.com")
        for index in 1...10 {
            _ = try? await station.signIn("nobody\(index)@example.com", from: Self.origin(1))
        }
        await #expect(throws: AccountError.throttled(retryAfter: .seconds(900))) {
            try await station.signIn("owner@example.com", from: Self.origin(1))
        }
        _ = try await station.signIn("owner@example.com", from: Self.origin(2))
    }

    @Test("Many guesses at once are no way round it")
    func concurrent() async throws {
        let throttle = GuessThrottle(clock: ManualClock())
        let admitted = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<100 {
                group.addTask { (try? throttle.begin([.account("a@example.com")])) != nil }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(admitted == GuessThrottle.limit)
    }

    @Test("Whoever gets it right in between has forgiven failures, and never runs into the limit by signing in")
    func success() async throws {
        let throttle = GuessThrottle(clock: ManualClock())
        let keys: [GuessThrottle.Key] = [.account("a@example.com"), .address("192.0.2.1")]
        for _ in 0..<100 {
            try throttle.begin(keys)
            throttle.succeeded(keys)
        }
        for _ in 0..<9 { try throttle.begin([.account("a@example.com")]) }
        try throttle.begin(keys)
        throttle.succeeded(keys)
        for _ in 0..<10 { try throttle.begin([.account("a@example.com")]) }
    }

    @Test("What the station could not judge is nobody's failure: a store that is away locks nobody out")
    func storeAway() async throws {
        try await TemporaryDirectory.run { directory in
            let path = directory.path("station.sqlite")
            let station = try await AccountFixture(database: StationDatabase.open(path: path))
            try await SQLiteShell(database: path, directory: directory).takeAway("refresh_tokens")
            for _ in 1...12 {
                let error = await #expect(throws: AccountError.self) {
                    _ = try await station.desk.refresh(Secret("no token"), from: Self.origin(1))
                }
                guard case .store(.unavailable) = error else {
                    Issue.record("\(String(describing: error))")
                    return
                }
            }
        }
    }

    @Test("People's mistakes keep no program on the same address from showing its token")
    func kindsAreApart() async throws {
        let throttle = GuessThrottle(clock: ManualClock())
        for _ in 0..<10 { try throttle.begin([.address("127.0.0.1")]) }
        #expect(throws: AccountError.throttled(retryAfter: .seconds(900))) {
            try throttle.begin([.address("127.0.0.1")])
        }
        for key in [GuessThrottle.Key.agentToken(from: "127.0.0.1"), .deviceToken(from: "127.0.0.1")] {
            for _ in 0..<10 { try throttle.begin([key]) }
            #expect(throws: AccountError.throttled(retryAfter: .seconds(900))) { try throttle.begin([key]) }
        }
    }
}
