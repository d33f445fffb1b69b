import Crypto
import FoundationEssentials
import StationCore

/// Closes secrets that the store has to keep (AES-GCM): whoever has the store alone, a copy of it or a block of an old
/// card, has none of them.
struct SecretSeal: Sendable {
    /// What is kept. Each has a key of its own, so that nothing of one is ever of use for another.
    enum Purpose: String, Sendable {
        /// Passwords that wait for the broker to be told.
        case brokerLogins = "broker logins"
        /// The claim secret and the cloud's token.
        case cloudLink = "cloud link"
        /// The Wi-Fi network that new devices are told to join.
        case wifi = "wifi"
    }

    private let key: SymmetricKey

    /// - Parameter secret: The station's key; where there is none, in tests, the seal protects nothing.
    init(_ secret: Secret, for purpose: Purpose) {
        self.key = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: Array(secret.revealed.utf8)), info: Array(purpose.rawValue.utf8),
            outputByteCount: 32
        )
    }

    /// - Throws: `StoreError.unavailable` if it cannot be closed, which has no reason in the input.
    func close(_ secret: Secret) throws(StoreError) -> Data {
        do {
            let box = try AES.GCM.seal(Array(secret.revealed.utf8), using: self.key)
            guard let bytes = box.combined else { throw CryptoKitError.incorrectParameterSize }
            return bytes
        } catch {
            throw .unavailable("a secret cannot be sealed: \(error)")
        }
    }

    /// `nil` for what was closed with another key.
    func open(_ bytes: Data) -> Secret? {
        guard let box = try? AES.GCM.SealedBox(combined: bytes), let text = try? AES.GCM.open(box, using: self.key)
        else { return nil }
        return Secret(String(decoding: text, as: UTF8.self))
    }
}
