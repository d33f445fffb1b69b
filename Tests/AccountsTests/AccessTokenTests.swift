import Accounts
import Crypto
import StationCore
import StationTestSupport
import Testing

@Suite("Access tokens")
struct AccessTokenTests {
    private static let now = ManualClock.usualWallTime
    private static let userID = "01890000-0000-7000-8000-000000000001"

    private static func tokens() async throws -> AccessTokens {
        let issuer = try #require(StationID("station-1"))
        return await AccessTokens(secret: AccountFixture.secret, issuer: issuer, lifetime: .seconds(900))
    }

    /// A token with any header and payload, signed with the right key.
    private static func forge(header: String = #"{"alg":"HS256","typ":"JWT"}"#, payload: String) -> String {
        let signed = "\(Base64URLText.encode(header.utf8)).\(Base64URLText.encode(payload.utf8))"
        let key = SymmetricKey(data: Array(AccountFixture.secret.revealed.utf8))
        return "\(signed).\(Base64URLText.encode(HMAC<SHA256>.authenticationCode(for: Array(signed.utf8), using: key)))"
    }

    private static func payload(_ changes: [String: String?] = [:]) -> String {
        let seconds = Self.now.milliseconds / 1000
        var members: [String: String] = [
            "userId": "\"\(Self.userID)\"", "sub": "\"\(Self.userID)\"", "role": "\"owner\"", "iss": "\"station-1\"",
            "iat": "\(seconds)", "exp": "\(seconds + 900)",
        ]
        for (key, value) in changes { members[key] = value }
        return "{" + members.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",") + "}"
    }

    private static func isAccepted(_ token: String, at time: Timestamp = Self.now) async throws -> Bool {
        do {
            _ = try await self.tokens().verify(Secret(token), at: time)
            return true
        } catch AccountError.invalidToken {
            return false
        }
    }

    @Test("A token that was issued here is read back")
    func roundTrip() async throws {
        let tokens = try await Self.tokens()
        let user = User(
            id: try #require(UserID(Self.userID)), email: "a@example.com", name: "Anna", role: .admin,
            createdAt: Self.now
        )
        let session = SessionID.make(at: Self.now)
        let token = try await tokens.issue(for: user, session: session, at: Self.now)
        let claims = try await tokens.verify(token, at: Self.now)
        #expect(claims.userID == user.id && claims.role == .admin && claims.sessionID == session)
        #expect(claims.issuedAt == Self.now && claims.expiresAt == Self.now.adding(.seconds(900)))
        // A second time it is remembered, and no less judged.
        #expect(try await tokens.verify(token, at: Self.now) == claims)
        await #expect(throws: AccountError.invalidToken) {
            try await tokens.verify(token, at: Self.now.adding(.seconds(906)))
        }
    }

    @Test("A token made elsewhere with the station's key is taken, without a session")
    func foreign() async throws {
        #expect(try await Self.isAccepted(Self.forge(payload: Self.payload())))
    }

    @Test(
        "Only the header of HS256 is taken, even with a right signature",
        arguments: [
            #"{"alg":"none","typ":"JWT"}"#, #"{"alg":"HS512","typ":"JWT"}"#, #"{"alg":"RS256","typ":"JWT"}"#,
            #"{"alg":"hs256","typ":"JWT"}"#, #"{"typ":"JWT"}"#, #"{"alg":"HS256"}"#, #"{"alg":"HS256","typ":"at+jwt"}"#,
            #"{"alg":"HS256","typ":"JWT","crit":["exp"]}"#, #"{"alg":"HS256","typ":"JWT","kid":"../../dev/null"}"#,
            #"{"alg":"HS256","typ":"JWT","jwk":{"kty":"oct","k":"AA"}}"#, #"{"alg":"HS256","alg":"HS256","typ":"JWT"}"#,
            #"{"alg":["HS256"],"typ":"JWT"}"#, "[]", "null", "", "{",
        ])
    func header(header: String) async throws {
        #expect(try await !Self.isAccepted(Self.forge(header: header, payload: Self.payload())))
    }

    @Test(
        "Every claim is needed and of its type",
        arguments: [
            ("exp", nil), ("exp", "null"), ("exp", "\"1\""), ("exp", "1e300"), ("exp", "-1"), ("exp", "true"),
            ("iat", nil),
            ("iat", "\"x\""), ("iss", nil), ("iss", "\"station-2\""), ("userId", nil), ("userId", "\"owner\""),
            ("userId", "1"), ("sub", "\"01890000-0000-7000-8000-000000000002\""), ("role", nil), ("role", "\"root\""),
            ("role", "[\"owner\"]"), ("sid", "\"x\""), ("sid", "null"),
        ] as [(String, String?)])
    func claims(name: String, value: String?) async throws {
        #expect(try await !Self.isAccepted(Self.forge(payload: Self.payload([name: value]))))
    }

    @Test("A claim given twice is refused, whichever would count")
    func duplicateClaim() async throws {
        let payload = Self.payload().dropLast() + ",\"role\":\"member\"}"
        #expect(try await !Self.isAccepted(Self.forge(payload: String(payload))))
    }

    @Test("It expires, with 5 seconds of leeway, and lives no longer than the station grants")
    func lifetime() async throws {
        let seconds = Self.now.milliseconds / 1000
        let token = Self.forge(payload: Self.payload())
        #expect(try await Self.isAccepted(token, at: Self.now.adding(.seconds(904))))
        #expect(try await !Self.isAccepted(token, at: Self.now.adding(.seconds(905))))
        #expect(try await !Self.isAccepted(Self.forge(payload: Self.payload(["exp": "\(seconds + 906)"]))))
        #expect(try await Self.isAccepted(Self.forge(payload: Self.payload(["exp": "\(seconds + 905)"]))))
        #expect(try await !Self.isAccepted(Self.forge(payload: Self.payload(["iat": "\(seconds + 6)"]))))
    }

    @Test("Nothing in a token can be changed, and it has one form only")
    func tampering() async throws {
        let token = Self.forge(payload: Self.payload())
        let parts = token.split(separator: ".").map(String.init)
        #expect(try await Self.isAccepted(token))
        var last = parts[2]
        // The last of 43 characters carries two bits that mean nothing: another one must not do.
        let final = last.removeLast()
        for other in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_" where other != final {
            #expect(try await !Self.isAccepted("\(parts[0]).\(parts[1]).\(last)\(other)"))
        }
        let forms = [
            token + "=", token + ".", "." + token, token + " ", "\(parts[0]).\(parts[1])", "\(parts[0]).\(parts[1]).",
            "\(parts[0])..\(parts[2])", "\(parts[1]).\(parts[0]).\(parts[2])", token.replacing(".", with: ".\n"),
            token + "." + parts[2], String(repeating: "a", count: 5000), "..", "",
        ]
        for form in forms { #expect(try await !Self.isAccepted(form), "\(form.prefix(40))") }
    }

    @Test("A token signed with another key is refused")
    func otherKey() async throws {
        let issuer = try #require(StationID("station-1"))
        let stranger = await AccessTokens(
            secret: Secret("another key that is also long enough"), issuer: issuer, lifetime: .seconds(900)
        )
        let user = User(
            id: try #require(UserID(Self.userID)), email: "a@example.com", name: "", role: .owner, createdAt: Self.now
        )
        let token = try await stranger.issue(for: user, session: nil, at: Self.now)
        #expect(try await !Self.isAccepted(token.revealed))
    }
}
