import FoundationEssentials
import StationCore

/// A password as the store keeps it: its verifier for good, and itself, sealed, until a broker has been told.
struct SealedLogin: Sendable {
    let verifier: PasswordVerifier
    let password: Data

    /// - Throws: `StoreError.unavailable`.
    init(_ password: Secret, _ seal: SecretSeal) throws(StoreError) {
        self.verifier = try PasswordVerifier(of: password)
        self.password = try seal.close(password)
    }
}
