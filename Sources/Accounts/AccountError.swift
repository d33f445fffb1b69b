import StationCore
public import StationData

/// Why something about an account does not happen.
public enum AccountError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The address or the password is wrong; which of them is not told.
    case invalidCredentials
    case emailNotVerified
    /// Too many failures: nothing is tried before this time is over.
    case throttled(retryAfter: Duration)
    /// The token is no good: malformed, forged, expired, revoked.
    case invalidToken
    /// A refresh token was shown a second time, so the session is over.
    case tokenReused
    case registrationClosed
    case invalidEmail
    case invalidPassword
    /// The current password, which a change asks for, is wrong.
    case wrongPassword
    case wrongCode
    case codesExhausted(retryAfter: Duration)
    case codeSentRecently(retryAfter: Duration)
    /// No mail server is configured.
    case mailOff
    /// Too many passwords are being checked at this moment.
    case busy
    case hashingFailed
    case store(StoreError)

    public var description: String {
        switch self {
        case .invalidCredentials: "The e-mail address or the password is wrong."
        case .emailNotVerified: "Email not verified"
        case .throttled(let wait): "There were too many failures; try again in \(Self.text(wait))."
        case .invalidToken: "The token is invalid or expired."
        case .tokenReused: "The refresh token was used before, so its session has been ended; sign in again."
        case .registrationClosed: "Nobody can register here without an invitation."
        case .invalidEmail: "The address must be \(EmailAddress.rule)."
        case .invalidPassword: "The password must have \(PasswordRule.text)."
        case .wrongPassword: "The current password is wrong."
        case .wrongCode: "The code is wrong or expired."
        case .codesExhausted: "There were too many wrong codes; ask for a new one."
        case .codeSentRecently(let wait):
            "A code was sent a moment ago; the next one can be sent in \(Self.text(wait))."
        case .mailOff: "This station sends no e-mail: SMTP_URL is not set."
        case .busy: "Too many people sign in at this moment; try again in a second."
        case .hashingFailed: "The password could not be hashed: the system's libcrypt refused."
        case .store(let error): error.description
        }
    }

    private static func text(_ wait: Duration) -> String {
        let seconds = Int64(wait.seconds.rounded(.up))
        return seconds < 120 ? "\(seconds) s" : "\((seconds + 59) / 60) min"
    }

    /// Whether the reason lies with the station: then nothing was proved, and nothing failed.
    var isOurs: Bool {
        switch self {
        case .busy, .hashingFailed, .store(.unavailable), .store(.disk): true
        default: false
        }
    }

    /// Runs something on the store and turns what it throws into an `AccountError`.
    static func storing<Result>(
        isolation: isolated (any Actor)? = #isolation, _ body: () async throws(StoreError) -> Result
    ) async throws(AccountError) -> Result {
        do throws(StoreError) {
            return try await body()
        } catch {
            throw .store(error)
        }
    }
}
