import StationData
import StationTestSupport
import Testing

@Suite("Refresh tokens")
struct RefreshTokenTests {
    private static let lifetime = Duration.seconds(30 * 86_400)

    @Test("A sign-in that is renewed more often than any app does ends, and leaves nothing on the disk")
    func tooManyRenewals() async throws {
        try await TestStation.run { station in
            let user = try station.addUser("Ada")
            let session = try await station.hub.beginSession(of: user, tokenHash: [1], lifetime: Self.lifetime)
            // All tokens of 10 000 but the last one, and those that made them are used.
            try station.execute(
                """
                WITH RECURSIVE numbers(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM numbers WHERE n < 9998)
                INSERT INTO refresh_tokens (id, user_id, family_id, token_hash, created_at, expires_at, used_at)
                SELECT 'old-' || n, user_id, family_id, CAST('old-' || n AS BLOB), created_at, expires_at, created_at
                FROM refresh_tokens, numbers
                """
            )
            _ = try await station.hub.rotateRefreshToken([1], to: [2], lifetime: Self.lifetime)
            let before = try station.count("refresh_tokens")
            #expect(before == 10_000)
            #expect(station.hub.isLive(session, of: user))
            let outcome = try await station.hub.rotateRefreshToken([2], to: [3], lifetime: Self.lifetime)
            #expect(outcome == .refused)
            #expect(!station.hub.isLive(session, of: user))
            let stored = try station.count("refresh_tokens")
            #expect(stored == 0)
        }
    }

    @Test("The tokens of a sign-in that has ended are gone")
    func ended() async throws {
        try await TestStation.run { station in
            let user = try station.addUser("Ada")
            _ = try await station.hub.beginSession(of: user, tokenHash: [1], lifetime: Self.lifetime)
            _ = try await station.hub.beginSession(of: user, tokenHash: [9], lifetime: Self.lifetime)
            _ = try await station.hub.rotateRefreshToken([1], to: [2], lifetime: Self.lifetime)
            try await station.hub.endSession(refreshTokenHash: [2])
            let stored = try station.count("refresh_tokens")
            #expect(stored == 1)
        }
    }
}
