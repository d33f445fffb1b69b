import Accounts
import StationCore

extension User {
    /// The shape of contract 2, "Shapes".
    var json: JSONValue {
        [
            "id": .string(self.id.description),
            "email": .string(self.email),
            "name": .string(self.name),
            "role": .string(self.role.rawValue),
            "emailVerified": .bool(self.isEmailVerified),
            "cloudLinked": .bool(self.cloudUserID != nil),
            "createdAt": JSONValue(self.createdAt),
        ]
    }
}

extension SignIn {
    var json: JSONValue {
        var json: JSONObject = [
            "user": self.user.json,
            "accessToken": .string(self.accessToken.revealed),
            "expiresIn": .integer(self.expiresIn.components.seconds),
        ]
        json["refreshToken"] = self.refreshToken.map { .string($0.revealed) }
        return .object(json)
    }

    /// As OAuth 2 has it (RFC 6749, 5.1).
    var oauthJSON: JSONValue {
        [
            "access_token": .string(self.accessToken.revealed),
            "refresh_token": JSONValue(self.refreshToken?.revealed),
            "token_type": "bearer",
            "expires_in": .integer(self.expiresIn.components.seconds),
        ]
    }
}
