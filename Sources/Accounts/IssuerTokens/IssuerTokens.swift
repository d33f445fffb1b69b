public import StationCore
import Synchronization

/// Checks the tokens of an external issuer: JWTs with RS256 or ES256 (contract 6, "Tokens").
///
/// It never waits for the network: whoever fetches the issuer's keys hands them over, and until new ones come the
/// old ones stay in force.
public final class IssuerTokens: Sendable {
    private let settings: IssuerSettings
    private let keys = Mutex(IssuerKeySet())
    private let bells = Bells<Void>()

    /// Knows no keys yet, and so refuses every token.
    public init(settings: IssuerSettings) {
        self.settings = settings
    }

    /// What a token says, if it is in force and of this issuer.
    ///
    /// The algorithm comes from the key. What costs little is looked at first, so that only a token that would be good
    /// otherwise costs a signature or makes somebody fetch keys.
    ///
    /// - Throws: `IssuerTokenError` for the first fault.
    public func verify(_ token: Secret, at time: Timestamp) async throws(IssuerTokenError) -> IssuerClaims {
        guard let parts = CompactToken(token.revealed) else { throw .malformed }
        let claims = try IssuerClaims(payload: parts.payload, settings: self.settings, at: time)
        let keys = self.keys.withLock { $0 }
        do throws(IssuerTokenError) {
            try keys.check(parts)
        } catch {
            if case .unknownKey = error { self.bells.ring() }
            throw error
        }
        return claims
    }

    /// Takes over the issuer's JWK Set (RFC 7517) in place of the one before.
    ///
    /// Keys that are not for signatures with RS256 (2048 bits or more) or ES256 are left out.
    ///
    /// - Returns: How many keys can be used.
    /// - Throws: `JWKSFault` for a document without any; then the old keys stay.
    public func replaceKeys(jwks bytes: [UInt8]) async throws(JWKSFault) -> Int {
        let keys = try await IssuerKeySet(jwks: bytes)
        self.keys.withLock { $0 = keys }
        return keys.count
    }

    /// Whether any key is known; without, every token is refused.
    public var hasKeys: Bool { self.keys.withLock { !$0.isEmpty } }

    /// Rings from now on when a token, good otherwise, names a key that is not known: the issuer may have a new one.
    /// Several rings that nobody has heard are one. Whoever listens fetches in moderation, as anybody can ring.
    public func unknownKeys() -> AsyncStream<Void> {
        self.bells.listen()
    }
}
