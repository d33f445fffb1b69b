import CCrypt
import Glibc
import StationCore

/// bcrypt by the system's libcrypt. Slow by design: only `PasswordHasher` calls it, on its own thread.
enum Bcrypt {
    /// 2¹⁰ rounds: some 50 ms on a PC, some 200 ms on a Raspberry Pi 4.
    static let cost: UInt = 10
    /// Dearer ones are refused: a hash that comes from elsewhere must not stop the station for minutes.
    private static let allowedCosts = 4...14

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
        guard Self.isWellFormed(hash), PasswordRule.admits(password), let made = Self.crypt(password, hash) else {
            return false
        }
        return Secret(made) == Secret(hash)
    }

    /// `$2a$`, `$2b$` or `$2y$`, two digits of cost, 22 characters of salt and 31 of hash.
    static func isWellFormed(_ hash: String) -> Bool {
        let bytes = Array(hash.utf8)
        guard bytes.count == 60, ["$2a$", "$2b$", "$2y$"].contains(String(hash.prefix(4))),
            bytes[6] == UInt8(ascii: "$"),
            let cost = Int(String(decoding: bytes[4..<6], as: UTF8.self)), Self.allowedCosts.contains(cost)
        else { return false }
        return bytes[7...].allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: false
            }
        }
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
