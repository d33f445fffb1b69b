import Crypto
import StationCore
import Testing

@testable import BLEProvision

@Suite("SRP6a with 3072 bits and SHA-512", .timeLimit(.minutes(2)))
struct SRPTests {
    private static let field = SRPGroup.field

    @Test("The verifier of ESP-IDF's own test comes out")
    func verifier() {
        let exponent = SRPClient.exponent(
            userName: Array("wifiprov".utf8), password: Secret("abcd1234"), salt: SRPVectors.salt)
        let verifier = Self.field.power(SRPGroup.generator, exponent)
        #expect(verifier == SRPVectors.verifier)
    }

    @Test("Key and proofs are those that Python's integers give")
    func session() throws {
        let client = SRPClient(
            userName: "wifiprov", password: Secret("abcd1234"), privateKey: SRPVectors.clientPrivateKey)
        let digest = Array(SHA256.hash(data: client.publicKey))
        #expect(digest == SRPVectors.clientPublicKeyDigest)
        let session = try #require(
            client.session(salt: SRPVectors.salt, devicePublicKey: SRPVectors.devicePublicKey))
        #expect(session.key == SRPVectors.key)
        #expect(session.clientProof == SRPVectors.clientProof)
        #expect(session.deviceProof == SRPVectors.deviceProof)
    }

    @Test("A public key that gives the secret away is refused")
    func unsafeKeys() {
        let client = SRPClient(userName: "wifiprov", password: Secret("abcd1234"), privateKey: [5])
        let keys = [[], [0], [UInt8](repeating: 0, count: 384), SRPGroup.primeBytes, [UInt8](repeating: 1, count: 385)]
        let sessions = keys.map { client.session(salt: SRPVectors.salt, devicePublicKey: $0) }
        #expect(sessions.allSatisfy { $0 == nil })
    }

    @Test("Small arithmetic agrees with what one can do in the head")
    func arithmetic() {
        // 2⁶⁴ − 59 is a prime with its highest bit set.
        let field = MontgomeryField(modulus: [.max - 58])
        let prime = field.modulusBytes
        #expect(prime == [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xC5])
        #expect(field.power([3], [5]) == [0, 0, 0, 0, 0, 0, 0, 243])
        #expect(field.power([2], [64]) == [0, 0, 0, 0, 0, 0, 0, 59])
        #expect(field.product([7], [8]) == [0, 0, 0, 0, 0, 0, 0, 56])
        #expect(field.sum(prime, [9]) == [0, 0, 0, 0, 0, 0, 0, 9])
        #expect(field.difference([1], [2]) == [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xC4])
        #expect(field.reduced(prime) == [UInt8](repeating: 0, count: 8))
        #expect(field.reduced([UInt8](repeating: 1, count: 9)) == nil)
    }

    @Test("Fermat's little theorem holds for the prime of the group")
    func fermat() throws {
        var exponent = SRPGroup.primeBytes
        exponent[383] -= 1
        let power = try #require(Self.field.power([2], exponent))
        #expect(power == [UInt8](repeating: 0, count: 383) + [1])
    }
}
