import JWTKit
public import StationCore
import Synchronization

/// Issues and checks the access tokens of people: JWTs with HS256 and nothing else.
///
/// jwt-kit computes the signatures. It compares neither `alg` nor `crit`, takes loose base64 and leaves `exp` to others,
/// so the form of a token is checked here before (contract 2, "Hooks").
public final class AccessTokens: Sendable {
    /// Of a token, in bytes; ours have some 600.
    private static let maximumLength = 4096
    /// Clocks of those who look at `exp` may differ by so much.
    private static let leeway = Duration.seconds(5)
    private static let rememberedTokens = 512

    public let lifetime: Duration
    private let keys: JWTKeyCollection
    private let issuer: StationID
    /// Tokens whose form and signature were found good; whether they are still in force is judged every time.
    private let verified = Mutex<[String: AccessClaims]>([:])

    /// - Parameter secret: At least 32 bytes.
    public init(secret: Secret, issuer: StationID, lifetime: Duration) async {
        self.keys = JWTKeyCollection()
        self.issuer = issuer
        self.lifetime = lifetime
        await self.keys.add(hmac: HMACKey(from: secret.revealed), digestAlgorithm: .sha256)
    }

    /// A new token for somebody who has proved who they are.
    ///
    /// - Throws: What the signing throws, which with HMAC is nothing.
    public func issue(for user: User, session: SessionID?, at time: Timestamp) async throws -> Secret {
        let payload = TokenPayload(
            userId: user.id.description, role: user.role.rawValue, sub: user.id.description, email: user.email,
            username: user.name, iat: time.numericDate, exp: time.adding(self.lifetime).numericDate,
            jti: SessionID.make(at: time).description, iss: self.issuer.description, sid: session?.description
        )
        return Secret(try await self.keys.sign(payload))
    }

    /// What a token says, if this station issued it and it has not expired.
    ///
    /// - Throws: `AccountError.invalidToken`.
    public func verify(_ token: Secret, at time: Timestamp) async throws(AccountError) -> AccessClaims {
        let text = token.revealed
        var claims = self.verified.withLock { $0[text] }
        if claims == nil {
            let read = try self.read(text)
            do {
                _ = try await self.keys.verify(text, as: UnreadPayload.self)
            } catch {
                throw .invalidToken
            }
            self.remember(text, read)
            claims = read
        }
        guard let claims, time < claims.expiresAt.adding(Self.leeway),
            claims.expiresAt <= time.adding(self.lifetime).adding(Self.leeway),
            claims.issuedAt <= time.adding(Self.leeway)
        else { throw .invalidToken }
        return claims
    }

    private func remember(_ text: String, _ claims: AccessClaims) {
        self.verified.withLock { verified in
            if verified.count >= Self.rememberedTokens { verified.removeAll(keepingCapacity: true) }
            verified[text] = claims
        }
    }

    /// Checks the form of a token and reads its claims; the signature is still to be checked.
    private func read(_ text: String) throws(AccountError) -> AccessClaims {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard text.utf8.count <= Self.maximumLength, parts.count == 3, let header = Base64URL.decode(parts[0]),
            let payload = Base64URL.decode(parts[1]), let signature = Base64URL.decode(parts[2]), signature.count == 32,
            // Exactly these: whatever else a header may name, such as `crit` or a key of the sender's, changes nothing.
            (try? JSONValue.parse(header)) == ["alg": "HS256", "typ": "JWT"],
            let claims = AccessClaims(payload: payload, issuer: self.issuer)
        else { throw .invalidToken }
        return claims
    }
}
