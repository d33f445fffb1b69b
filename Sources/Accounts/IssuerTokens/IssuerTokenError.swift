/// Why a token of an external issuer is not taken.
public enum IssuerTokenError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Not a signed token in the compact form (RFC 7515, 7.1) with claims in JSON.
    case malformed
    /// It names this key, which is not known; empty: it names none and no key is known at all.
    case unknownKey(String)
    /// No known key made the signature, or not with the algorithm that the header names.
    case badSignature
    case expired
    case notYetValid
    case wrongIssuer
    case wrongAudience
    /// This claim is missing or not of its type.
    case missingClaim(String)

    /// For people; nothing of the token is in it but the name of its key, shortened.
    public var description: String {
        switch self {
        case .malformed: "this is not a token that can be read"
        case .unknownKey(""): "no key of the token's issuer is known"
        case .unknownKey(let name): "the token's issuer publishes no key “\(Self.shown(name))”"
        case .badSignature: "the token's signature is not its issuer's"
        case .expired: "the token has expired"
        case .notYetValid: "the token is not valid yet"
        case .wrongIssuer: "the token is from another issuer"
        case .wrongAudience: "the token is meant for somebody else"
        case .missingClaim(let name): "the token's claim “\(name)” is missing or not of its type"
        }
    }

    /// The name comes from whoever sent the token: neither long nor able to imitate anything.
    private static func shown(_ name: String) -> String {
        let characters = name.unicodeScalars.prefix(64).map { (" "..."~").contains($0) ? Character($0) : "?" }
        return String(characters)
    }
}
