import Accounts
import StationCore
import Testing

@Suite("Tokens of an external issuer")
struct IssuerTokenTests {
    private static let now = IssuerFixture.now

    @Test("a token with RS256 or ES256 is read")
    func good() async throws {
        let rsa = try IssuerKeyPair.rsa.get()
        let tokens = try await IssuerFixture.tokens([rsa, .elliptic])
        let payload = try #require(try JSONValue.parse(IssuerFixture.payload()).objectValue)
        let subject = try #require(TokenSubject(claims: payload))
        for pair in [rsa, .elliptic] {
            let token = Secret(try pair.token())
            let claims = try await tokens.verify(token, at: Self.now)
            #expect(claims.subject == subject && claims.subject.id == IssuerFixture.subject, "\(pair.algorithm)")
            #expect(claims.subject.groups == ["admins"] && claims.subject.scopes == ["mqtt.read", "email"])
            #expect(claims.expiresAt == Self.now.adding(.seconds(300)), "\(pair.algorithm)")
        }
    }

    @Test(
        "every claim is needed and of its type",
        arguments: [
            ("exp", nil, .missingClaim("exp")), ("exp", "null", .missingClaim("exp")),
            ("exp", "\"1795250100\"", .missingClaim("exp")), ("exp", "1e300", .missingClaim("exp")),
            ("exp", "-1", .missingClaim("exp")), ("exp", "true", .missingClaim("exp")), ("exp", "0", .expired),
            ("iat", nil, .missingClaim("iat")), ("iat", "\"now\"", .missingClaim("iat")),
            ("sub", nil, .missingClaim("sub")), ("sub", "\"\"", .missingClaim("sub")),
            ("sub", "7", .missingClaim("sub")),
            ("nbf", "\"0\"", .missingClaim("nbf")), ("nbf", "null", .missingClaim("nbf")),
            ("iss", nil, .wrongIssuer), ("iss", "\"https://issuer.example/realms/home/\"", .wrongIssuer),
            ("iss", "[\"https://issuer.example/realms/home\"]", .wrongIssuer), ("iss", "null", .wrongIssuer),
        ] as [(String, String?, IssuerTokenError)])
    func claims(name: String, value: String?, expected: IssuerTokenError) async throws {
        let tokens = try await IssuerFixture.tokens([.elliptic])
        let token = try IssuerKeyPair.elliptic.token(IssuerFixture.payload([name: value]))
        let fault = await IssuerFixture.fault(tokens, token)
        #expect(fault == expected)
    }

    @Test("it is in force from nbf until exp, to the millisecond")
    func time() async throws {
        let tokens = try await IssuerFixture.tokens([.elliptic])
        let start = IssuerFixture.seconds + 60
        let token = try IssuerKeyPair.elliptic.token(IssuerFixture.payload(["nbf": "\(start)"]))
        let faults = [
            await IssuerFixture.fault(tokens, token, at: Self.now.adding(.milliseconds(59_999))),
            await IssuerFixture.fault(tokens, token, at: Self.now.adding(.milliseconds(60_000))),
            await IssuerFixture.fault(tokens, token, at: Self.now.adding(.milliseconds(299_999))),
            await IssuerFixture.fault(tokens, token, at: Self.now.adding(.milliseconds(300_000))),
        ]
        #expect(faults == [.notYetValid, nil, nil, .expired])
    }

    @Test("a clock behind the issuer's does not refuse what was made a little later")
    func issuedLater() async throws {
        let tokens = try await IssuerFixture.tokens([.elliptic])
        let token = try IssuerKeyPair.elliptic.token(IssuerFixture.payload(["iat": "\(IssuerFixture.seconds + 5)"]))
        let fault = await IssuerFixture.fault(tokens, token)
        #expect(fault == nil)
    }

    @Test(
        "the audience may be a text or in a list",
        arguments: [
            ("\"station\"", nil), ("[\"account\",\"station\"]", nil), (nil, .wrongAudience), ("[]", .wrongAudience),
            ("\"stations\"", .wrongAudience), ("[\"account\"]", .wrongAudience), ("[[\"station\"]]", .wrongAudience),
            ("{\"station\":true}", .wrongAudience), ("null", .wrongAudience),
        ] as [(String?, IssuerTokenError?)])
    func audience(value: String?, expected: IssuerTokenError?) async throws {
        let strict = try await IssuerFixture.tokens([.elliptic], audience: "station")
        let token = try IssuerKeyPair.elliptic.token(IssuerFixture.payload(["aud": value]))
        let fault = await IssuerFixture.fault(strict, token)
        #expect(fault == expected)
        // Whoever does not configure one takes any.
        let lax = try await IssuerFixture.tokens([.elliptic])
        let other = await IssuerFixture.fault(lax, token)
        #expect(other == nil)
    }

    @Test(
        "claims that are not one JSON object are refused",
        arguments: ["", "null", "[]", "{", "{\"sub\":\"a\",\"sub\":\"b\"}", "7", "{}{}", "{\"sub\":\"\u{1}\"}"])
    func payload(payload: String) async throws {
        let tokens = try await IssuerFixture.tokens([.elliptic])
        let fault = await IssuerFixture.fault(tokens, try IssuerKeyPair.elliptic.token(payload))
        #expect(fault == .malformed)
    }

    @Test("a token has one form, and a limit")
    func forms() async throws {
        let tokens = try await IssuerFixture.tokens([.elliptic])
        let token = try IssuerKeyPair.elliptic.token()
        let parts = token.split(separator: ".").map(String.init)
        let forms = [
            token + "=", token + ".", "." + token, token + " ", "\n" + token, "\(parts[0]).\(parts[1])",
            "\(parts[0])..\(parts[2])", "\(parts[1]).\(parts[0]).\(parts[2])", token + "." + parts[2], "..", "",
            String(repeating: "a", count: 20_000), "{\"payload\":\"\(parts[1])\"}",
        ]
        for form in forms {
            let fault = await IssuerFixture.fault(tokens, form)
            #expect(fault == .malformed, "\(form.prefix(40))")
        }
        let long = try IssuerKeyPair.elliptic.token(
            IssuerFixture.payload(["x": "\"\(String(repeating: "x", count: 11_000))\""]))
        let longest = await IssuerFixture.fault(tokens, long)
        #expect(longest == nil && long.utf8.count < 16_384)
        let tooLong = await IssuerFixture.fault(
            tokens,
            try IssuerKeyPair.elliptic.token(
                IssuerFixture.payload(["x": "\"\(String(repeating: "x", count: 12_500))\""])))
        #expect(tooLong == .malformed)
    }

    @Test("no byte of a token can be changed")
    func tampering() async throws {
        for pair in [try IssuerKeyPair.rsa.get(), .elliptic] {
            let tokens = try await IssuerFixture.tokens([pair])
            let token = Array(try pair.token().utf8)
            for index in token.indices {
                var changed = token
                changed[index] = changed[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
                let fault = await IssuerFixture.fault(tokens, String(decoding: changed, as: UTF8.self))
                #expect(fault != nil, "\(pair.algorithm), byte \(index)")
            }
        }
    }

    @Test("what is told of a refused token has nothing of it but a tame name of its key")
    func descriptions() {
        let name = "\u{1b}[2J“" + String(repeating: "k", count: 100)
        let text = IssuerTokenError.unknownKey(name).description
        #expect(text == "the token's issuer publishes no key “?[2J?\(String(repeating: "k", count: 59))”")
        #expect(IssuerTokenError.unknownKey("").description == "no key of the token's issuer is known")
    }
}
