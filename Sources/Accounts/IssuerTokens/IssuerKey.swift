import JWTKit
import StationCore

/// A public key of an issuer with the one algorithm that it is for. jwt-kit does the arithmetic and nothing else.
struct IssuerKey: Sendable {
    /// Its `kid`; `nil` when it has none.
    let id: String?
    private let algorithm: any JWTAlgorithm

    /// Takes a key of a JWK Set (RFC 7517, 4; RFC 7518, 6).
    ///
    /// - Returns: `nil` unless it is for signatures, and RSA of 2048 bits or more for RS256, or on P-256 for ES256.
    init?(jwk: JSONObject) async {
        let id = jwk["kid"]?.stringValue
        guard jwk["kid"] == nil || id != nil, Self.isForSignatures(jwk) else { return nil }
        let keys = JWTKeyCollection()
        switch jwk["kty"] {
        case "RSA":
            guard Self.mayBe("RS256", jwk), let key = Self.rsaKey(jwk) else { return nil }
            await keys.add(rsa: key, digestAlgorithm: .sha256)
        case "EC":
            guard Self.mayBe("ES256", jwk), let key = Self.ellipticKey(jwk) else { return nil }
            await keys.add(ecdsa: key)
        default:
            return nil
        }
        guard let algorithm = try? await keys.getKey() else { return nil }
        self.id = id
        self.algorithm = algorithm
    }

    /// Whether this key made the signature. A header that names another algorithm than the key's is a lie.
    func made(_ token: CompactToken) -> Bool {
        guard token.algorithm == self.algorithm.name else { return false }
        // What is not even the form of a signature throws.
        return (try? self.algorithm.verify(token.signature, signs: token.signed)) == true
    }

    // MARK: - Reading

    private static func isForSignatures(_ jwk: JSONObject) -> Bool {
        guard jwk["use"] == nil || jwk["use"] == "sig" else { return false }
        guard let operations = jwk["key_ops"] else { return true }
        return operations.arrayValue?.contains("verify") == true
    }

    private static func mayBe(_ algorithm: String, _ jwk: JSONObject) -> Bool {
        jwk["alg"] == nil || jwk["alg"] == .string(algorithm)
    }

    private static func rsaKey(_ jwk: JSONObject) -> Insecure.RSA.PublicKey? {
        guard let modulus = jwk["n"]?.stringValue, let exponent = jwk["e"]?.stringValue,
            Base64URL.decode(modulus.utf8) != nil, Base64URL.decode(exponent.utf8) != nil
        else { return nil }
        // Refuses less than 2048 bits.
        return try? Insecure.RSA.PublicKey(modulus: modulus, exponent: exponent)
    }

    private static func ellipticKey(_ jwk: JSONObject) -> ES256PublicKey? {
        guard jwk["crv"] == "P-256", let x = jwk["x"]?.stringValue, let y = jwk["y"]?.stringValue,
            Base64URL.decode(x.utf8)?.count == 32, Base64URL.decode(y.utf8)?.count == 32
        else { return nil }
        // Refuses what is not a point of the curve.
        return try? ES256PublicKey(parameters: (x: x, y: y))
    }
}
