import Accounts
import HTTPTypes
import StationCore
import StationData

extension APIError {
    init(_ error: AccountError) {
        let message = error.description
        switch error {
        case .invalidCredentials: self.init(.unauthorized, "invalid_credentials", message, challenging: true)
        case .invalidToken: self.init(.unauthorized, "invalid_token", message, challenging: true)
        case .tokenReused: self.init(.unauthorized, "token_reused", message, challenging: true)
        // A web app looks for exactly this text.
        case .emailNotVerified: self.init(.badRequest, "email_not_verified", message)
        case .throttled(let wait), .codesExhausted(let wait), .codeSentRecently(let wait):
            self.init(.tooManyRequests, "too_many_requests", message)
            self.headers[.retryAfter] = "\(max(1, Int64(wait.seconds.rounded(.up))))"
        case .registrationClosed: self.init(.forbidden, "registration_closed", message)
        case .invalidEmail: self = .invalidFields([FieldFault(.body, "email", .value, message)])
        case .invalidPassword: self = .invalidFields([FieldFault(.body, "password", .value, message)])
        case .wrongPassword: self.init(.forbidden, "wrong_password", message)
        case .wrongCode: self = .invalidFields([FieldFault(.body, "code", .value, message)])
        case .mailOff: self.init(.serviceUnavailable, "mail_unavailable", message)
        case .busy, .hashingFailed:
            self.init(.serviceUnavailable, "busy", message)
            self.headers[.retryAfter] = "1"
        case .store(let error): self = APIError(error as any Error)
        }
    }

    private init(_ status: HTTPResponse.Status, _ code: String, _ message: String, challenging: Bool) {
        self.init(status, code, message)
        if challenging { self.headers[.wwwAuthenticate] = "Bearer" }
    }
}
