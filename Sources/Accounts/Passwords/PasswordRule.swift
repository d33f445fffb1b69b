public import StationCore

/// What can be a password: 8–72 bytes of UTF-8 without NUL. bcrypt reads no more than 72 bytes and stops at a NUL, so
/// anything else would let in who knows only a part (contract 2, "Accounts").
public enum PasswordRule {
    public static let text = "8–72 bytes (a letter with an accent counts as two or more), without NUL"

    public static func admits(_ password: Secret) -> Bool {
        let bytes = password.revealed.utf8
        return (8...72).contains(bytes.count) && !bytes.contains(0)
    }
}
