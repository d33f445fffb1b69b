import Crypto
import FoundationEssentials
import StationCore

/// Security 1: X25519, its secret mixed with the proof of possession, then AES-256-CTR (esp-idf, `sec1.proto`).
struct EspressifSecurity1: EspressifSecurity {
    private enum Phase: Sendable {
        case fresh
        case greeted
        case proven(CounterStream)
        case open(CounterStream)
        case broken
    }

    private let privateKey: Curve25519.KeyAgreement.PrivateKey
    private let proof: Secret
    private var phase = Phase.fresh

    /// - Parameter proof: Empty where the device wants none.
    init(proof: Secret, privateKey: Curve25519.KeyAgreement.PrivateKey = Curve25519.KeyAgreement.PrivateKey()) {
        self.proof = proof
        self.privateKey = privateKey
    }

    private var publicKey: [UInt8] { Array(self.privateKey.publicKey.rawRepresentation) }

    mutating func next(after response: [UInt8]?) throws(ProvisioningFault) -> [UInt8]? {
        let phase = self.phase
        self.phase = .broken
        switch (phase, response) {
        case (.fresh, nil):
            self.phase = .greeted
            let key = self.publicKey
            return SessionData.request(security: 1, kind: 0, ProtobufWriter.message { $0.put(1, key) })
        case (.greeted, let response?):
            return try self.prove(response)
        case (.proven(let stream), let response?):
            try self.verify(response, stream)
            return nil
        default:
            throw ProvisioningFault(.notUnderstood, detail: "a session out of step")
        }
    }

    private mutating func prove(_ bytes: [UInt8]) throws(ProvisioningFault) -> [UInt8] {
        let response = try SessionData.response(bytes, security: 1, kind: 1)
        try SessionData.expectSuccess(response)
        let devicePublicKey = response.bytes(2) ?? []
        guard var stream = self.stream(with: devicePublicKey, counter: response.bytes(3) ?? []),
            let proof = try? stream.apply(to: devicePublicKey)
        else { throw ProvisioningFault(.notUnderstood, detail: "a public key or a random that is none") }
        self.phase = .proven(stream)
        return SessionData.request(security: 1, kind: 2, ProtobufWriter.message { $0.put(2, proof) })
    }

    private func stream(with devicePublicKey: [UInt8], counter: [UInt8]) -> CounterStream? {
        guard let key = try? Curve25519.KeyAgreement.PublicKey(rawRepresentation: devicePublicKey),
            let shared = try? self.privateKey.sharedSecretFromKeyAgreement(with: key)
        else { return nil }
        var secret = shared.withUnsafeBytes { Array($0) }
        if !self.proof.isEmpty {
            let digest = SHA256.hash(data: Array(self.proof.revealed.utf8))
            secret = zip(secret, digest).map { $0 ^ $1 }
        }
        return CounterStream(key: secret, counter: counter)
    }

    private mutating func verify(_ bytes: [UInt8], _ stream: CounterStream) throws(ProvisioningFault) {
        let response = try SessionData.response(bytes, security: 1, kind: 3)
        guard response.number(1) == 0 else {
            throw ProvisioningFault(.proofWrong, detail: "protocomm status \(response.number(1))")
        }
        var stream = stream
        let shown = try? stream.apply(to: response.bytes(3) ?? [])
        guard let shown, isEqual(shown, self.publicKey) else {
            throw ProvisioningFault(.identityDoubtful, detail: "security 1: the device's verify data is wrong")
        }
        self.phase = .open(stream)
    }

    mutating func encrypt(_ message: [UInt8]) throws(ProvisioningFault) -> [UInt8] { try self.apply(to: message) }

    mutating func decrypt(_ message: [UInt8]) throws(ProvisioningFault) -> [UInt8] { try self.apply(to: message) }

    private mutating func apply(to message: [UInt8]) throws(ProvisioningFault) -> [UInt8] {
        guard case .open(var stream) = self.phase, let result = try? stream.apply(to: message) else {
            throw ProvisioningFault(.notUnderstood, detail: "no session to protect a message with")
        }
        self.phase = .open(stream)
        return result
    }
}
