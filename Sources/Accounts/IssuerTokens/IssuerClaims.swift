public import StationCore

/// What a token of an external issuer says (contract 6, "Tokens").
public struct IssuerClaims: Sendable, Hashable {
    /// Whom it speaks for.
    public let subject: TokenSubject
    /// From then on it counts for nothing.
    public let expiresAt: Timestamp

    /// Judges the payload of a token whose signature is still to be checked. There is no leeway: whoever gives tokens
    /// out for minutes does not miss seconds.
    init(payload: [UInt8], settings: IssuerSettings, at time: Timestamp) throws(IssuerTokenError) {
        guard let claims = try? JSONValue.parse(payload).objectValue else { throw .malformed }
        guard claims["iss"] == .string(settings.issuer) else { throw .wrongIssuer }
        if let audience = settings.audience {
            guard Self.names(audience, claims["aud"]) else { throw .wrongAudience }
        }
        let expiresAt = try Self.time("exp", claims)
        // When it was made is asked for and judged by nobody: a Pi's clock may well be behind the issuer's.
        _ = try Self.time("iat", claims)
        guard let sub = claims["sub"]?.stringValue, !sub.isEmpty, let subject = TokenSubject(claims: claims) else {
            throw .missingClaim("sub")
        }
        guard time < expiresAt else { throw .expired }
        if claims["nbf"] != nil {
            guard try Self.time("nbf", claims) <= time else { throw .notYetValid }
        }
        self.subject = subject
        self.expiresAt = expiresAt
    }

    /// Whether `aud`, one name or a list of them, has this one (RFC 7519, 4.1.3).
    private static func names(_ audience: String, _ claim: JSONValue?) -> Bool {
        claim == .string(audience) || claim?.arrayValue?.contains(.string(audience)) == true
    }

    private static func time(_ name: String, _ claims: JSONObject) throws(IssuerTokenError) -> Timestamp {
        guard let time = claims[name].flatMap(Timestamp.init(numericDate:)) else { throw .missingClaim(name) }
        return time
    }
}
