import Accounts
import StationCore
import StationTestSupport
import Testing

/// An issuer, what its tokens say, and what becomes of them.
enum IssuerFixture {
    static let now = ManualClock.usualWallTime
    static let seconds = Self.now.milliseconds / 1000
    static let issuer = "https://issuer.example/realms/home"
    static let subject = "f5c1c2b8-0001-4000-8000-000000000001"

    /// Right claims with some of them changed, given as JSON; `nil` leaves one out.
    static func payload(_ changes: [String: String?] = [:]) -> String {
        var members: [String: String] = [
            "iss": "\"\(Self.issuer)\"", "sub": "\"\(Self.subject)\"", "iat": "\(Self.seconds)",
            "exp": "\(Self.seconds + 300)", "realm_access": #"{"roles":["admins"]}"#, "scope": "\"mqtt.read email\"",
        ]
        for (key, value) in changes { members[key] = value }
        return "{" + members.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",") + "}"
    }

    /// A JWK Set.
    static func document(_ keys: [JSONObject]) -> [UInt8] {
        let document: JSONObject = ["keys": .array(keys.map(JSONValue.object))]
        return JSONValue.object(document).serialized()
    }

    /// A verifier that knows these keys.
    static func tokens(_ pairs: [IssuerKeyPair], audience: String? = nil) async throws -> IssuerTokens {
        let tokens = IssuerTokens(settings: IssuerSettings(issuer: Self.issuer, audience: audience))
        guard !pairs.isEmpty else { return tokens }
        let count = try await tokens.replaceKeys(jwks: Self.document(pairs.map(\.jwk)))
        #expect(count == pairs.count)
        return tokens
    }

    /// Why a token is refused; `nil` when it is taken.
    static func fault(
        _ tokens: IssuerTokens, _ token: String, at time: Timestamp = Self.now
    ) async -> IssuerTokenError? {
        do throws(IssuerTokenError) {
            _ = try await tokens.verify(Secret(token), at: time)
            return nil
        } catch {
            return error
        }
    }

    /// Why a key document is refused; `nil` when it is taken.
    static func fault(_ tokens: IssuerTokens, keys document: [UInt8]) async -> JWKSFault? {
        do throws(JWKSFault) {
            _ = try await tokens.replaceKeys(jwks: document)
            return nil
        } catch {
            return error
        }
    }

    /// How often it rang and nobody has heard it; the stream is used up by that.
    static func unheard(_ rings: AsyncStream<Void>) async -> Int {
        let listener = Task { await Self.count(rings) }
        // What is in the stream is still given out, and then nothing is waited for.
        listener.cancel()
        return await listener.value
    }

    private static func count(_ rings: AsyncStream<Void>) async -> Int {
        var count = 0
        for await _ in rings { count += 1 }
        return count
    }
}
