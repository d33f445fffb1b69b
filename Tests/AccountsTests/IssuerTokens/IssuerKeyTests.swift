import Accounts
import Crypto
import StationCore
import StationTestSupport
import Testing

@Suite("The keys of an external issuer")
struct IssuerKeyTests {
    @Test("without a key nothing is taken")
    func none() async throws {
        let tokens = try await IssuerFixture.tokens([])
        let named = await IssuerFixture.fault(tokens, try IssuerKeyPair.elliptic.token())
        let nameless = await IssuerFixture.fault(tokens, try IssuerKeyPair.elliptic.named(nil).token())
        #expect(named == .unknownKey("ec-1") && nameless == .unknownKey("") && !tokens.hasKeys)
    }

    @Test("an unknown key rings, many times as once; a token that would be refused anyway does not")
    func rings() async throws {
        let tokens = try await IssuerFixture.tokens([.elliptic])
        let stranger = IssuerKeyPair.makeElliptic("ec-2")
        let quiet = tokens.unknownKeys()
        let refused = [
            await IssuerFixture.fault(tokens, try stranger.token(IssuerFixture.payload(["exp": "1"]))),
            await IssuerFixture.fault(tokens, try stranger.token(IssuerFixture.payload(["iss": "\"other\""]))),
            await IssuerFixture.fault(tokens, try stranger.named("ec-1").token()),
            await IssuerFixture.fault(tokens, try stranger.named(nil).token()), await IssuerFixture.fault(tokens, "x"),
        ]
        #expect(refused == [.expired, .wrongIssuer, .badSignature, .badSignature, .malformed])
        let silence = await IssuerFixture.unheard(quiet)
        #expect(silence == 0)
        let loud = tokens.unknownKeys()
        let unknown = [
            await IssuerFixture.fault(tokens, try stranger.token()),
            await IssuerFixture.fault(tokens, try stranger.named("ec-3").token()),
        ]
        #expect(unknown == [.unknownKey("ec-2"), .unknownKey("ec-3")])
        let rung = await IssuerFixture.unheard(loud)
        #expect(rung == 1)
    }

    @Test("a token without kid is tried against the keys that there are")
    func nameless() async throws {
        let token = try IssuerKeyPair.elliptic.named(nil).token()
        let single = try await IssuerFixture.tokens([.elliptic])
        let only = await IssuerFixture.fault(single, token)
        #expect(only == nil)
        let several = try await IssuerFixture.tokens(
            [.makeElliptic("a"), try IssuerKeyPair.rsa.get(), .makeElliptic(nil), .elliptic])
        let among = await IssuerFixture.fault(several, token)
        #expect(among == nil)
        // A key without a name is none for a token that names one.
        let unnamed = try await IssuerFixture.tokens([IssuerKeyPair.elliptic.named(nil)])
        let named = await IssuerFixture.fault(unnamed, try IssuerKeyPair.elliptic.token())
        #expect(named == .unknownKey("ec-1"))
    }

    @Test("two kinds of keys may share a name")
    func sharedName() async throws {
        let pairs = [try IssuerKeyPair.rsa.get().named("k"), IssuerKeyPair.elliptic.named("k")]
        let tokens = try await IssuerFixture.tokens(pairs)
        for pair in pairs {
            let fault = await IssuerFixture.fault(tokens, try pair.token())
            #expect(fault == nil, "\(pair.algorithm)")
        }
    }

    @Test("new keys take the place of the old ones")
    func rotation() async throws {
        let rsa = try IssuerKeyPair.rsa.get()
        let tokens = try await IssuerFixture.tokens([rsa])
        let successor = try IssuerKeyPair.otherRSA.get()
        let count = try await tokens.replaceKeys(jwks: IssuerFixture.document([rsa.jwk, successor.jwk]))
        let both = [
            await IssuerFixture.fault(tokens, try rsa.token()),
            await IssuerFixture.fault(tokens, try successor.token()),
        ]
        #expect(count == 2 && both == [nil, nil])
        _ = try await tokens.replaceKeys(jwks: IssuerFixture.document([successor.jwk]))
        let after = [
            await IssuerFixture.fault(tokens, try rsa.token()),
            await IssuerFixture.fault(tokens, try successor.token()),
            // Another key under the old name.
            await IssuerFixture.fault(tokens, try rsa.named(successor.id).token()),
        ]
        #expect(after == [.unknownKey("rsa-1"), nil, .badSignature])
    }

    @Test("a faulty document is refused, and the old keys stay")
    func faultyDocuments() async throws {
        let tokens = try await IssuerFixture.tokens([.elliptic])
        let key = JSONValue.object(IssuerKeyPair.elliptic.jwk)
        let many = IssuerFixture.document(Array(repeating: IssuerKeyPair.elliptic.jwk, count: 101))
        let documents: [(String, JWKSFault)] = [
            ("{}", .noKeyList), ("[]", .noKeyList), ("null", .noKeyList), (#"{"keys":{}}"#, .noKeyList),
            (#"{"keys":[]}"#, .noUsableKey), (#"{"keys":[null,7,"x",[]]}"#, .noUsableKey),
            ("\(key)", .noKeyList), (String(decoding: many, as: UTF8.self), .tooManyKeys(101)),
        ]
        for (document, expected) in documents {
            let fault = await IssuerFixture.fault(tokens, keys: Array(document.utf8))
            #expect(fault == expected, "\(document.prefix(40))")
        }
        for document in ["", "<html></html>", #"{"keys":[]"#, #"{"keys":[],"keys":[]}"#, "\u{feff}{}"] {
            let fault = await IssuerFixture.fault(tokens, keys: Array(document.utf8))
            guard case .notJSON? = fault else {
                Issue.record("\(document): \(String(describing: fault))")
                continue
            }
        }
        let fault = await IssuerFixture.fault(tokens, try IssuerKeyPair.elliptic.token())
        #expect(fault == nil && tokens.hasKeys)
    }

    @Test("of a mixed document only the keys for RS256 and ES256 are taken")
    func mixedDocument() async throws {
        let rsa = try IssuerKeyPair.rsa.get().jwk
        let tokens = try await IssuerFixture.tokens([])
        let unusable = Self.unusable(rsa: rsa, elliptic: IssuerKeyPair.elliptic.jwk)
        for key in unusable {
            let fault = await IssuerFixture.fault(tokens, keys: IssuerFixture.document([key]))
            #expect(fault == .noUsableKey, "\(JSONValue.object(key))")
        }
        var plain = rsa
        plain["alg"] = nil
        plain["use"] = nil
        plain["key_ops"] = ["verify"]
        let good = [IssuerKeyPair.elliptic.jwk, plain]
        let count = try await tokens.replaceKeys(jwks: IssuerFixture.document(unusable + good))
        let faults = [
            await IssuerFixture.fault(tokens, try IssuerKeyPair.elliptic.token()),
            await IssuerFixture.fault(tokens, try IssuerKeyPair.rsa.get().token()),
        ]
        #expect(count == 2 && faults == [nil, nil])
    }

    /// Keys that are real, and not for us; or that are no keys.
    private static func unusable(rsa: JSONObject, elliptic: JSONObject) -> [JSONObject] {
        let p384 = P384.Signing.PrivateKey().publicKey.rawRepresentation
        let ed25519 = Curve25519.Signing.PrivateKey().publicKey.rawRepresentation
        // Of 1024 bits, and odd: a key in form.
        let short = [0xC1] + Array(repeating: UInt8(0x5A), count: 126) + [0x01]
        var keys: [JSONObject] = [
            ["kty": "oct", "k": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", "alg": "HS256"],
            [
                "kty": "EC", "crv": "P-384", "x": .string(Base64URLText.encode(p384.prefix(48))),
                "y": .string(Base64URLText.encode(p384.suffix(48))),
            ],
            ["kty": "OKP", "crv": "Ed25519", "x": .string(Base64URLText.encode(ed25519))],
            ["kty": "RSA", "n": .string(Base64URLText.encode(short)), "e": "AQAB"], [:],
        ]
        let changes: [(JSONObject, String, JSONValue?)] = [
            (rsa, "use", "enc"), (rsa, "alg", "RS512"), (rsa, "alg", "PS256"), (rsa, "alg", "HS256"), (rsa, "n", nil),
            (rsa, "e", nil), (rsa, "e", "AQ"), (rsa, "e", ""), (rsa, "n", ""), (rsa, "n", "+/="), (rsa, "kty", "EC"),
            (rsa, "kid", 7), (rsa, "key_ops", ["sign"]), (rsa, "key_ops", "verify"),
            (elliptic, "use", "enc"), (elliptic, "alg", "ES384"), (elliptic, "crv", "P-384"), (elliptic, "crv", nil),
            (elliptic, "x", elliptic["y"]), (elliptic, "y", nil), (elliptic, "x", "AA"), (elliptic, "kty", "RSA"),
        ]
        for (key, member, value) in changes {
            var changed = key
            changed[member] = value
            keys.append(changed)
        }
        return keys
    }
}
