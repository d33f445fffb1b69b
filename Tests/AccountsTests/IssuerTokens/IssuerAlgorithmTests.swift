import Accounts
import Crypto
import StationCore
import StationTestSupport
import Testing

@Suite("The algorithm of an issuer's token comes from the key")
struct IssuerAlgorithmTests {
    /// A token whose signature is an HMAC with anything public as its secret.
    private static func forge(_ header: JSONObject, secret: [UInt8]) -> String {
        let head = Base64URLText.encode(JSONValue.object(header).serialized())
        let signed = "\(head).\(Base64URLText.encode(IssuerFixture.payload().utf8))"
        let code = HMAC<SHA256>.authenticationCode(for: Array(signed.utf8), using: SymmetricKey(data: secret))
        return "\(signed).\(Base64URLText.encode(code))"
    }

    @Test("a public key is not the secret of an HMAC, in whatever form")
    func symmetric() async throws {
        for pair in [try IssuerKeyPair.rsa.get(), .elliptic] {
            let tokens = try await IssuerFixture.tokens([pair])
            let jwk = JSONValue.object(pair.jwk)
            let secrets = pair.publicForms + [jwk.serialized(), IssuerFixture.document([pair.jwk]), []]
            for secret in secrets {
                for algorithm in ["HS256", pair.algorithm] {
                    let token = Self.forge(pair.header(algorithm), secret: secret)
                    let fault = await IssuerFixture.fault(tokens, token)
                    #expect(fault == .badSignature, "\(algorithm), \(secret.count) bytes")
                }
            }
        }
    }

    @Test("a token without a signature is refused", arguments: ["none", "None", "NONE", "", "RS256", "ES256", "HS256"])
    func unsigned(algorithm: String) async throws {
        let tokens = try await IssuerFixture.tokens([try IssuerKeyPair.rsa.get(), .elliptic])
        for pair in [try IssuerKeyPair.rsa.get(), .elliptic, IssuerKeyPair.elliptic.named(nil)] {
            let signed = try pair.token(header: pair.header(algorithm)).split(separator: ".").prefix(2)
            let fault = await IssuerFixture.fault(tokens, signed.joined(separator: ".") + ".")
            #expect(fault == .badSignature)
            let shorter = await IssuerFixture.fault(tokens, signed.joined(separator: "."))
            #expect(shorter == .malformed)
        }
    }

    @Test("a right signature under another algorithm's name is refused")
    func otherName() async throws {
        let rsa = try IssuerKeyPair.rsa.get()
        let elliptic = IssuerKeyPair.elliptic
        let tokens = try await IssuerFixture.tokens([rsa, elliptic])
        let cases = [
            try elliptic.token(header: elliptic.header("RS256")), try elliptic.token(header: elliptic.header("ES384")),
            try elliptic.token(header: elliptic.header("es256")), try rsa.token(header: rsa.header("ES256")),
            try rsa.token(header: rsa.header("RS384")), try rsa.token(header: rsa.header("PS256")),
            try rsa.token(header: rsa.header().named(elliptic.id)),
            try elliptic.token(header: elliptic.header().named(rsa.id)),
        ]
        for token in cases {
            let fault = await IssuerFixture.fault(tokens, token)
            #expect(fault == .badSignature, "\(token.prefix(80))")
        }
    }

    @Test("another algorithm of the same key is refused under either name", arguments: ["PS256", "RS384"])
    func otherAlgorithm(algorithm: String) async throws {
        let rsa = try IssuerKeyPair.rsa.get()
        let tokens = try await IssuerFixture.tokens([rsa])
        for name in [algorithm, "RS256"] {
            let token = try rsa.token(header: rsa.header(name), with: algorithm)
            let fault = await IssuerFixture.fault(tokens, token)
            #expect(fault == .badSignature, "\(name)")
        }
    }

    @Test("a key that the token itself brings along counts for nothing")
    func embedded() async throws {
        let tokens = try await IssuerFixture.tokens([.elliptic])
        let stranger = IssuerKeyPair.makeElliptic("ec-1")
        var header = stranger.header()
        header["jwk"] = .object(stranger.jwk)
        header["jku"] = "http://127.0.0.1:1/keys"
        let fault = await IssuerFixture.fault(tokens, try stranger.token(header: header))
        #expect(fault == .badSignature)
    }

    @Test("a header that is no header is refused")
    func headers() async throws {
        let pair = IssuerKeyPair.elliptic
        let tokens = try await IssuerFixture.tokens([pair])
        let headers: [JSONObject] = [
            [:], ["typ": "JWT"], ["alg": ["ES256"]], ["alg": .null], ["alg": "ES256", "kid": 1],
            ["alg": "ES256", "kid": "ec-1", "crit": ["exp"]], ["alg": "ES256", "kid": "ec-1", "crit": []],
        ]
        for header in headers {
            let fault = await IssuerFixture.fault(tokens, try pair.token(header: header))
            #expect(fault == .malformed, "\(JSONValue.object(header))")
        }
        // What the station does not need is no fault.
        let rich: JSONObject = ["alg": "ES256", "kid": "ec-1", "typ": "at+jwt", "x5t": "abc"]
        let fault = await IssuerFixture.fault(tokens, try pair.token(header: rich))
        #expect(fault == nil)
    }
}
