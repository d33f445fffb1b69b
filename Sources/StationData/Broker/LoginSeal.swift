import Crypto
import FoundationEssentials
import StationCore

/// Closes passwords that wait in the store for the broker to be told (AES-GCM): whoever has the store alone, a copy of it
/// or a block of an old card, has no password.
struct LoginSeal: Sendable {
    private let key: SymmetricKey

    /// - Parameter secret: The station's key; where there is none, in tests, the seal protects nothing.
    init(_ secret: Secret) {
        // A key of its own, so that nothing of it is ever of use elsewhere.
        self.key = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: Array(secret.revealed.utf8)), info: Array("broker logins".utf8),
            outputByteCount: 32
        )
    }

    /// - Throws: `StoreError.unavailable` if it cannot be closed, which has no reason in the input.
    func close(_ password: Secret) throws(StoreError) -> Data {
        do {
            let box = try AES.GCM.seal(Array(password.revealed.utf8), using: self.key)
            guard let bytes = box.combined else { throw CryptoKitError.incorrectParameterSize }
            return bytes
        } catch {
            throw .unavailable("a password cannot be sealed: \(error)")
        }
    }

    /// `nil` for what was closed with another key: then the broker must get the verifier.
    func open(_ bytes: Data) -> Secret? {
        guard let box = try? AES.GCM.SealedBox(combined: bytes), let text = try? AES.GCM.open(box, using: self.key)
        else { return nil }
        return Secret(String(decoding: text, as: UTF8.self))
    }
}
