import Crypto
import CryptoExtras
import Foundation
import StationCore
import StationTestSupport

/// A key pair of an issuer: signs whatever it is told to, and shows its public half.
struct IssuerKeyPair: Sendable {
    /// Making an RSA key takes its time, so most tests share these two.
    static let rsa = Result { try IssuerKeyPair.makeRSA("rsa-1") }
    static let otherRSA = Result { try IssuerKeyPair.makeRSA("rsa-2") }
    static let elliptic = IssuerKeyPair.makeElliptic("ec-1")

    /// What a right header says.
    let algorithm: String
    /// The public half as an issuer publishes it.
    let jwk: JSONObject
    /// The public half as bytes, in all the forms that somebody could take for the secret of an HMAC.
    let publicForms: [[UInt8]]
    private let signature: @Sendable ([UInt8]) throws -> [UInt8]
    /// Signatures of the same key with an algorithm that the station does not take, by its name; RSA only.
    private let otherSignatures: [String: @Sendable ([UInt8]) throws -> [UInt8]]

    var id: String? { self.jwk["kid"]?.stringValue }

    static func makeRSA(_ id: String?) throws -> IssuerKeyPair {
        let key = try _RSA.Signing.PrivateKey(keySize: .bits2048)
        let numbers = try key.publicKey.getKeyPrimitives()
        let jwk: JSONObject = [
            "kty": "RSA", "kid": JSONValue(id), "use": "sig", "alg": "RS256",
            "n": .string(Base64URLText.encode(numbers.modulus)),
            "e": .string(Base64URLText.encode(numbers.publicExponent)),
        ]
        let publicKey = key.publicKey
        return IssuerKeyPair(
            algorithm: "RS256", jwk: jwk.named(id),
            publicForms: [
                Array(publicKey.pemRepresentation.utf8), Array(publicKey.pkcs1PEMRepresentation.utf8),
                Array(publicKey.derRepresentation), Array(publicKey.pkcs1DERRepresentation), Array(numbers.modulus),
            ],
            signature: {
                Array(try key.signature(for: SHA256.hash(data: $0), padding: .insecurePKCS1v1_5).rawRepresentation)
            },
            otherSignatures: [
                "PS256": { Array(try key.signature(for: SHA256.hash(data: $0), padding: .PSS).rawRepresentation) },
                "RS384": {
                    Array(try key.signature(for: SHA384.hash(data: $0), padding: .insecurePKCS1v1_5).rawRepresentation)
                },
            ])
    }

    static func makeElliptic(_ id: String?) -> IssuerKeyPair {
        let key = P256.Signing.PrivateKey()
        let point = key.publicKey.rawRepresentation
        let jwk: JSONObject = [
            "kty": "EC", "kid": JSONValue(id), "crv": "P-256", "x": .string(Base64URLText.encode(point.prefix(32))),
            "y": .string(Base64URLText.encode(point.suffix(32))),
        ]
        return IssuerKeyPair(
            algorithm: "ES256", jwk: jwk.named(id),
            publicForms: [
                Array(key.publicKey.pemRepresentation.utf8), Array(key.publicKey.derRepresentation),
                Array(key.publicKey.x963Representation), Array(point),
            ],
            signature: { Array(try key.signature(for: SHA256.hash(data: $0)).rawRepresentation) }, otherSignatures: [:])
    }

    /// The same pair under another name, or none.
    func named(_ id: String?) -> IssuerKeyPair {
        IssuerKeyPair(
            algorithm: self.algorithm, jwk: self.jwk.named(id), publicForms: self.publicForms,
            signature: self.signature, otherSignatures: self.otherSignatures)
    }

    /// A token with a right header.
    func token(_ payload: String = IssuerFixture.payload()) throws -> String {
        try self.token(header: self.header(), payload)
    }

    /// A token with any header, signed with this key's algorithm or, if given, with another one.
    func token(
        header: JSONObject, _ payload: String = IssuerFixture.payload(), with other: String? = nil
    ) throws -> String {
        let signed =
            "\(Base64URLText.encode(JSONValue.object(header).serialized())).\(Base64URLText.encode(payload.utf8))"
        let sign = other.flatMap { self.otherSignatures[$0] } ?? self.signature
        return "\(signed).\(Base64URLText.encode(try sign(Array(signed.utf8))))"
    }

    /// The right header, or one with another algorithm.
    func header(_ algorithm: String? = nil) -> JSONObject {
        let header: JSONObject = ["alg": .string(algorithm ?? self.algorithm), "typ": "JWT"]
        return header.named(self.id)
    }
}

extension JSONObject {
    /// With this `kid`, or without any.
    func named(_ id: String?) -> JSONObject {
        var copy = self
        copy["kid"] = id.map(JSONValue.string)
        return copy
    }
}
