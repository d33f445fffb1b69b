public import StationCore

/// Why a JWK Set (RFC 7517, 5) is not taken over.
public enum JWKSFault: Error, Sendable, Hashable, CustomStringConvertible {
    case notJSON(JSONError)
    /// Not an object with a list `keys`.
    case noKeyList
    case tooManyKeys(Int)
    /// None of its keys is one for RS256 or ES256.
    case noUsableKey

    public var description: String {
        switch self {
        case .notJSON(let error): "the key document is not JSON: \(error)"
        case .noKeyList: "the key document has no list “keys”"
        case .tooManyKeys(let count): "the key document has \(count) keys; more than 100 are not taken"
        case .noUsableKey: "the key document has no key for signatures with RS256 (2048 bits or more) or ES256"
        }
    }
}
