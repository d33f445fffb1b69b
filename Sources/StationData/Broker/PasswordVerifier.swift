import Crypto
import CryptoExtras
import FoundationEssentials
public import StationCore

/// By what a password is known without being kept: PBKDF2-HMAC-SHA512 exactly as Mosquitto's dynamic-security plugin
/// has it in its file, so that such a file can be made without any password (contract 6).
///
/// The few iterations are the plugin's. They are enough because the passwords are 256 random bits.
public struct PasswordVerifier: Sendable, Hashable, CustomStringConvertible {
    public static let iterations = 101
    private static let saltLength = 12
    private static let hashLength = 64

    public let salt: [UInt8]
    public let hash: [UInt8]

    /// A new one, with a salt of its own.
    ///
    /// - Throws: `StoreError.unavailable` if the derivation is not possible, which has no reason in the input.
    public init(of password: Secret) throws(StoreError) {
        var generator = SystemRandomNumberGenerator()
        let salt = (0..<Self.saltLength).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        self.salt = salt
        self.hash = try Self.derive(password, salt)
    }

    /// Reads what `description` says; `nil` for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 2, let salt = Data(base64Encoded: String(parts[0])),
            let hash = Data(base64Encoded: String(parts[1])), salt.count == Self.saltLength,
            hash.count == Self.hashLength
        else { return nil }
        self.salt = Array(salt)
        self.hash = Array(hash)
    }

    /// Salt and hash in base64.
    public var description: String { "\(self.saltText)$\(self.hashText)" }

    public var saltText: String { Data(self.salt).base64EncodedString() }
    public var hashText: String { Data(self.hash).base64EncodedString() }

    /// A short name of the password that tells nothing of it: who sees it can tell a new password from the old one.
    public var fingerprint: String {
        SHA256.hash(data: self.hash).prefix(8).map { byte in
            let text = String(byte, radix: 16)
            return text.count < 2 ? "0\(text)" : text
        }.joined()
    }

    /// Whether a password is the one, in a time that does not tell how near it comes.
    public func matches(_ password: Secret) -> Bool {
        // Without a derivation nothing matches.
        guard let hash = try? Self.derive(password, self.salt) else { return false }
        return OpaqueToken.isEqual(hash, self.hash)
    }

    private static func derive(_ password: Secret, _ salt: [UInt8]) throws(StoreError) -> [UInt8] {
        do {
            let key = try KDF.Insecure.PBKDF2.deriveKey(
                from: Array(password.revealed.utf8), salt: salt, using: .sha512,
                outputByteCount: Self.hashLength, unsafeUncheckedRounds: Self.iterations
            )
            return key.withUnsafeBytes { Array($0) }
        } catch {
            throw .unavailable("a password cannot be hashed: \(error)")
        }
    }
}
