import Crypto
import FoundationEssentials
import StationCore

/// Security 2: SRP6a in RFC 5054's 3072-bit group with SHA-512, then AES-256-GCM (esp-idf, `sec2.proto`).
struct EspressifSecurity2: EspressifSecurity {
    /// What happens to the nonce after every message (`sec_patch_ver`).
    enum NonceRule: Sendable, Hashable {
        /// 0: it stays, in firmware older than the mistake's discovery.
        case fixed
        /// 1: its last four bytes count, for both directions together.
        case counted
    }

    private enum Phase: Sendable {
        case fresh
        case greeted(SRPClient)
        case proven(SRPSession)
        case open(SymmetricKey)
        case broken
    }

    private static let nonceLength = 12
    private static let tagLength = 16

    private let userName: String
    private let proof: Secret
    private let rule: NonceRule
    private let privateKey: [UInt8]
    private var phase = Phase.fresh
    private var nonce: [UInt8] = []

    init(
        userName: String, proof: Secret, rule: NonceRule, privateKey: [UInt8] = SRPClient.makePrivateKey()
    ) {
        self.userName = userName
        self.proof = proof
        self.rule = rule
        self.privateKey = privateKey
    }

    mutating func next(after response: [UInt8]?) throws(ProvisioningFault) -> [UInt8]? {
        let phase = self.phase
        self.phase = .broken
        switch (phase, response) {
        case (.fresh, nil):
            let client = SRPClient(userName: self.userName, password: self.proof, privateKey: self.privateKey)
            self.phase = .greeted(client)
            let name = Array(self.userName.utf8)
            let body = ProtobufWriter.message { writer in
                writer.put(1, name)
                writer.put(2, client.publicKey)
            }
            return SessionData.request(security: 2, kind: 0, body)
        case (.greeted(let client), let response?):
            return try self.prove(response, client)
        case (.proven(let session), let response?):
            try self.verify(response, session)
            return nil
        default:
            throw ProvisioningFault(.notUnderstood, detail: "a session out of step")
        }
    }

    private mutating func prove(_ bytes: [UInt8], _ client: SRPClient) throws(ProvisioningFault) -> [UInt8] {
        let response = try SessionData.response(bytes, security: 2, kind: 1)
        try SessionData.expectSuccess(response)
        guard let session = client.session(salt: response.bytes(3) ?? [], devicePublicKey: response.bytes(2) ?? [])
        else {
            throw ProvisioningFault(.identityDoubtful, detail: "security 2: a public key that gives the secret away")
        }
        self.phase = .proven(session)
        return SessionData.request(security: 2, kind: 2, ProtobufWriter.message { $0.put(1, session.clientProof) })
    }

    private mutating func verify(_ bytes: [UInt8], _ session: SRPSession) throws(ProvisioningFault) {
        let response = try SessionData.response(bytes, security: 2, kind: 3)
        guard response.number(1) == 0 else {
            throw ProvisioningFault(.proofWrong, detail: "protocomm status \(response.number(1))")
        }
        guard isEqual(response.bytes(2) ?? [], session.deviceProof) else {
            throw ProvisioningFault(.identityDoubtful, detail: "security 2: the device's proof is wrong")
        }
        guard let nonce = response.bytes(3), nonce.count == Self.nonceLength else {
            throw ProvisioningFault(.notUnderstood, detail: "security 2: a nonce of another length")
        }
        self.nonce = nonce
        self.phase = .open(SymmetricKey(data: session.key.prefix(32)))
    }

    mutating func encrypt(_ message: [UInt8]) throws(ProvisioningFault) -> [UInt8] {
        let (key, nonce) = try self.opened()
        guard let box = try? AES.GCM.seal(message, using: key, nonce: nonce) else {
            throw ProvisioningFault(.notUnderstood, detail: "a message that cannot be sealed")
        }
        try self.count()
        return Array(box.ciphertext) + Array(box.tag)
    }

    mutating func decrypt(_ message: [UInt8]) throws(ProvisioningFault) -> [UInt8] {
        let (key, nonce) = try self.opened()
        guard message.count >= Self.tagLength,
            let box = try? AES.GCM.SealedBox(
                nonce: nonce, ciphertext: message.dropLast(Self.tagLength), tag: message.suffix(Self.tagLength)),
            let opened = try? AES.GCM.open(box, using: key)
        else {
            throw ProvisioningFault(.identityDoubtful, detail: "security 2: a message that was not sealed with our key")
        }
        try self.count()
        return Array(opened)
    }

    private func opened() throws(ProvisioningFault) -> (SymmetricKey, AES.GCM.Nonce) {
        guard case .open(let key) = self.phase, let nonce = try? AES.GCM.Nonce(data: self.nonce) else {
            throw ProvisioningFault(.notUnderstood, detail: "no session to protect a message with")
        }
        return (key, nonce)
    }

    private mutating func count() throws(ProvisioningFault) {
        guard self.rule == .counted else { return }
        for index in self.nonce.indices.suffix(4).reversed() {
            self.nonce[index] &+= 1
            if self.nonce[index] != 0 { return }
        }
        // A nonce that comes again would undo the encryption.
        self.phase = .broken
    }
}
