import CCrypt
import Glibc
import StationCore

/// bcrypt by the system's libcrypt. Slow by design: only `PasswordHasher` calls it, on its own thread.
enum Bcrypt {
    /// 2¹⁰ rounds: some 50 ms on a PC, some 200 ms on a Raspberry Pi 4.
    static let cost: UInt = 10

    /// The hash of a password, with a new random salt; `nil` when the system does not give any.
    static func hash(_ password: Secret) -> String? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(CRYPT_GENSALT_OUTPUT_SIZE)) { setting in
            guard crypt_gensalt_rn("$2b$", Self.cost, nil, 0, setting.baseAddress, CRYPT_GENSALT_OUTPUT_SIZE) != nil,
                let base = setting.baseAddress
            else { return nil }
            return Self.crypt(password, String(cString: base))
        }
    }

    /// Whether a password is the one that was hashed.
    static func verify(_ password: Secret, against hash: String) -> Bool {
        // An unknown prefix would fall through to DES.
        guard BcryptHash(hash) != nil, PasswordRule.admits(password), let made = Self.crypt(password, hash) else {
            return false
        }
        return Secret(made) == Secret(hash)
    }

    private static func crypt(_ password: Secret, _ setting: String) -> String? {
        let size = MemoryLayout<crypt_data>.size
        return withUnsafeTemporaryAllocation(byteCount: size, alignment: 16) { scratch in
            scratch.initializeMemory(as: UInt8.self, repeating: 0)
            guard let base = scratch.baseAddress else { return nil }
            defer { explicit_bzero(base, size) }
            guard let result = crypt_rn(password.revealed, setting, base, Int32(size)) else { return nil }
            let text = String(cString: result)
            return text.hasPrefix("*") ? nil : text
        }
    }
}
