import Crypto
import FoundationEssentials
import StationCore

/// The client's side of SRP6a with SHA-512 (RFC 5054 and RFC 2945, as esp-idf's `esp_srp.c` reads them).
struct SRPClient: Sendable {
    private static let privateKeyLength = 32

    let publicKey: [UInt8]
    private let userName: [UInt8]
    private let password: Secret
    private let privateKey: [UInt8]

    init(userName: String, password: Secret, privateKey: [UInt8]) {
        self.userName = Array(userName.utf8)
        self.password = password
        self.privateKey = privateKey
        self.publicKey = SRPGroup.field.power(SRPGroup.generator, privateKey) ?? []
    }

    static func makePrivateKey() -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<Self.privateKeyLength).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }

    /// `nil` for a public key that RFC 5054 (2.5.3) has a client abort at: one that makes the secret known to all.
    func session(salt: [UInt8], devicePublicKey: [UInt8]) -> SRPSession? {
        let field = SRPGroup.field
        guard let reduced = field.reduced(devicePublicKey), reduced.contains(where: { $0 != 0 }) else { return nil }
        let scrambler = Self.hash(SRPGroup.padded(self.publicKey) + SRPGroup.padded(devicePublicKey))
        guard scrambler.contains(where: { $0 != 0 }) else { return nil }
        let exponent = self.exponent(salt: salt)
        // S = (B − k·v)^(a + u·x), taken apart so that no exponent is longer than a hash.
        guard let verifier = field.power(SRPGroup.generator, exponent),
            let masked = field.product(Self.multiplier, verifier),
            let base = field.difference(reduced, masked),
            let one = field.power(base, self.privateKey),
            let scrambled = field.power(base, scrambler), let other = field.power(scrambled, exponent),
            let secret = field.product(one, other)
        else { return nil }
        let key = Self.hash(Array(secret.drop { $0 == 0 }))
        let proof = self.proof(salt: salt, devicePublicKey: devicePublicKey, key: key)
        return SRPSession(key: key, clientProof: proof, deviceProof: Self.hash(self.publicKey + proof + key))
    }

    /// x = H(salt, H(name ":" password)).
    private func exponent(salt: [UInt8]) -> [UInt8] {
        Self.exponent(userName: self.userName, password: self.password, salt: salt)
    }

    static func exponent(userName: [UInt8], password: Secret, salt: [UInt8]) -> [UInt8] {
        let inner = Self.hash(userName + [UInt8(ascii: ":")] + Array(password.revealed.utf8))
        return Self.hash(salt + inner)
    }

    /// M = H(H(N) xor H(PAD(g)), H(name), salt, A, B, K).
    private func proof(salt: [UInt8], devicePublicKey: [UInt8], key: [UInt8]) -> [UInt8] {
        let prime = Self.hash(SRPGroup.primeBytes)
        let generator = Self.hash(SRPGroup.padded(SRPGroup.generator))
        let group = zip(prime, generator).map { $0 ^ $1 }
        return Self.hash(group + Self.hash(self.userName) + salt + self.publicKey + devicePublicKey + key)
    }

    /// k = H(N, PAD(g)).
    static let multiplier = Self.hash(SRPGroup.primeBytes + SRPGroup.padded(SRPGroup.generator))

    static func hash(_ bytes: [UInt8]) -> [UInt8] {
        Array(SHA512.hash(data: bytes))
    }
}
