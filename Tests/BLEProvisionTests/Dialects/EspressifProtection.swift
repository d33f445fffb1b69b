import Crypto
import FoundationEssentials
import StationCore

@testable import BLEProvision

/// The device's side of a protocomm security.
protocol EspressifProtection: Sendable {
    /// The answer to a message of the session; `nil` hangs up.
    mutating func session(_ bytes: [UInt8]) -> [UInt8]?
    mutating func open(_ bytes: [UInt8]) -> [UInt8]?
    mutating func seal(_ bytes: [UInt8]) -> [UInt8]?
}

extension EspressifProtection {
    static func answer(_ security: UInt64, _ kind: UInt64, _ body: [UInt8]) -> [UInt8] {
        let payload = ProtobufWriter.message { writer in
            writer.put(1, kind)
            writer.put(20 + Int(kind), body)
        }
        return ProtobufWriter.message { writer in
            writer.put(2, security)
            writer.put(10 + Int(security), payload)
        }
    }

    /// The body of a command, if it is one of this security.
    static func command(_ bytes: [UInt8], _ security: UInt64) -> (kind: UInt64, body: ProtobufMessage)? {
        guard let data = try? ProtobufMessage(bytes), data.number(2) == security,
            let payload = try? data.message(10 + security), let body = try? payload.message(20 + payload.number(1))
        else { return nil }
        return (payload.number(1), body)
    }
}

struct OpenProtection: EspressifProtection {
    mutating func session(_ bytes: [UInt8]) -> [UInt8]? {
        Self.command(bytes, 0) == nil ? nil : Self.answer(0, 1, [])
    }

    mutating func open(_ bytes: [UInt8]) -> [UInt8]? { bytes }
    mutating func seal(_ bytes: [UInt8]) -> [UInt8]? { bytes }
}

/// Security 1 as esp-idf's `security1.c` has it.
struct KeyProtection: EspressifProtection {
    let proof: String
    /// Whether it answers without knowing the client's secret, as an impostor would.
    var isImpostor = false
    private let key = Curve25519.KeyAgreement.PrivateKey()
    private var client: [UInt8] = []
    private var stream: CounterStream?

    init(proof: String, isImpostor: Bool = false) {
        self.proof = proof
        self.isImpostor = isImpostor
    }

    mutating func session(_ bytes: [UInt8]) -> [UInt8]? {
        guard let (kind, body) = Self.command(bytes, 1) else { return nil }
        return kind == 0 ? self.greet(body) : self.verify(body)
    }

    private mutating func greet(_ body: ProtobufMessage) -> [UInt8]? {
        self.client = body.bytes(1) ?? []
        guard let client = try? Curve25519.KeyAgreement.PublicKey(rawRepresentation: self.client),
            let shared = try? self.key.sharedSecretFromKeyAgreement(with: client)
        else { return nil }
        var secret = shared.withUnsafeBytes { Array($0) }
        if !self.proof.isEmpty {
            secret = zip(secret, SHA256.hash(data: Array(self.proof.utf8))).map { $0 ^ $1 }
        }
        let random = [UInt8](0xF8...0xFF) + [UInt8](repeating: 0xFF, count: 8)
        self.stream = CounterStream(key: secret, counter: random)
        let key = Array(self.key.publicKey.rawRepresentation)
        let answer = ProtobufWriter.message { writer in
            writer.put(2, key)
            writer.put(3, random)
        }
        return Self.answer(1, 1, answer)
    }

    private mutating func verify(_ body: ProtobufMessage) -> [UInt8]? {
        guard let shown = self.apply(body.bytes(2) ?? []) else { return nil }
        if self.isImpostor { return Self.answer(1, 3, ProtobufWriter.message { $0.put(3, self.client) }) }
        guard shown == Array(self.key.publicKey.rawRepresentation), let own = self.apply(self.client) else {
            return nil
        }
        return Self.answer(1, 3, ProtobufWriter.message { $0.put(3, own) })
    }

    private mutating func apply(_ bytes: [UInt8]) -> [UInt8]? { try? self.stream?.apply(to: bytes) }
    mutating func open(_ bytes: [UInt8]) -> [UInt8]? { self.apply(bytes) }
    mutating func seal(_ bytes: [UInt8]) -> [UInt8]? { self.apply(bytes) }
}

/// Security 2 as esp-idf's `security2.c` has it, with the user and the password of `SRPVectors`.
struct PasswordProtection: EspressifProtection {
    let isCounting: Bool
    var isImpostor = false
    /// The nonces that were used, in their order.
    private(set) var nonces: [[UInt8]] = []
    private var clientKey: [UInt8] = []
    private var name: [UInt8] = []
    private var key: [UInt8] = []
    private var nonce = [UInt8](1...8) + [0, 0, 0, 1]

    init(isCounting: Bool, isImpostor: Bool = false, counter: [UInt8] = [0, 0, 0, 1]) {
        self.isCounting = isCounting
        self.isImpostor = isImpostor
        self.nonce = [UInt8](1...8) + counter
    }

    mutating func session(_ bytes: [UInt8]) -> [UInt8]? {
        guard let (kind, body) = Self.command(bytes, 2) else { return nil }
        return kind == 0 ? self.greet(body) : self.verify(body)
    }

    private mutating func greet(_ body: ProtobufMessage) -> [UInt8]? {
        let field = SRPGroup.field
        self.name = body.bytes(1) ?? []
        self.clientKey = body.bytes(2) ?? []
        let scrambler = SRPClient.hash(self.clientKey + SRPVectors.devicePublicKey)
        guard self.clientKey.count == 384, !self.name.isEmpty,
            let scrambled = field.power(SRPVectors.verifier, scrambler),
            let base = field.product(self.clientKey, scrambled),
            let secret = field.power(base, SRPVectors.devicePrivateKey)
        else { return nil }
        self.key = SRPClient.hash(Array(secret.drop { $0 == 0 }))
        let answer = ProtobufWriter.message { writer in
            writer.put(2, SRPVectors.devicePublicKey)
            writer.put(3, SRPVectors.salt)
        }
        return Self.answer(2, 1, answer)
    }

    private mutating func verify(_ body: ProtobufMessage) -> [UInt8]? {
        let prime = SRPClient.hash(SRPGroup.primeBytes)
        let group = zip(prime, SRPClient.hash(SRPGroup.padded(SRPGroup.generator))).map { $0 ^ $1 }
        let proof = SRPClient.hash(
            group + SRPClient.hash(self.name) + SRPVectors.salt + self.clientKey + SRPVectors.devicePublicKey + self.key
        )
        guard self.isImpostor || body.bytes(1) == proof else { return nil }
        let shown = self.isImpostor ? proof : SRPClient.hash(self.clientKey + proof + self.key)
        let nonce = self.nonce
        let answer = ProtobufWriter.message { writer in
            writer.put(2, shown)
            writer.put(3, nonce)
        }
        return Self.answer(2, 3, answer)
    }

    mutating func open(_ bytes: [UInt8]) -> [UInt8]? {
        defer { self.count() }
        guard bytes.count >= 16, let nonce = try? AES.GCM.Nonce(data: self.nonce),
            let box = try? AES.GCM.SealedBox(nonce: nonce, ciphertext: bytes.dropLast(16), tag: bytes.suffix(16))
        else { return nil }
        return (try? AES.GCM.open(box, using: SymmetricKey(data: self.key.prefix(32)))).map { Array($0) }
    }

    mutating func seal(_ bytes: [UInt8]) -> [UInt8]? {
        defer { self.count() }
        guard let nonce = try? AES.GCM.Nonce(data: self.nonce),
            let box = try? AES.GCM.seal(bytes, using: SymmetricKey(data: self.key.prefix(32)), nonce: nonce)
        else { return nil }
        return Array(box.ciphertext) + Array(box.tag)
    }

    private mutating func count() {
        self.nonces.append(self.nonce)
        guard self.isCounting else { return }
        self.nonce[11] &+= 1
    }
}
