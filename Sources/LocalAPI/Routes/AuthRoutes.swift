import Accounts
import HTTPTypes
import HummingbirdCore
import StationCore
import StationData

/// Registering, signing in and out, passwords and one-time codes (contract 2, "Accounts").
struct AuthRoutes: Sendable {
    static let maximumTokenLength = 100
    static let maximumCodeLength = 16
    static let maximumPasswordLength = 200

    let desk: AccountDesk
    let hub: StationHub

    @Sendable func status(_ request: Request, _ context: LocalAPIContext) -> Response {
        let registration = self.hub.needsOwner ? "first_owner" : self.desk.settings.registration.rawValue
        return .json([
            "setupRequired": .bool(self.hub.needsOwner), "registration": .string(registration),
            "emailVerification": .bool(self.desk.verifiesEmail),
        ])
    }

    @Sendable func register(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        var body = BodyReader(try await BodyReader.object(of: request))
        let email = body.text("email", .required) ?? ""
        let password = body.secret("password", .required)
        let name = body.name("name", .optional, maximumLength: User.maximumNameLength)
        let username = body.name("username", .optional, maximumLength: User.maximumNameLength)
        let inviteToken = body.secret("inviteToken", .optional, maximumLength: Self.maximumTokenLength)
        try body.finish()
        let user = try await self.desk.register(
            email: email, password: password ?? Secret(""), name: name ?? username ?? "", inviteToken: inviteToken,
            from: context.origin
        )
        let id = JSONValue.string(user.id.description)
        return .json(["userId": id, "user_id": id], status: .created)
    }

    @Sendable func signIn(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        let isForm = FormReader.isForm(request)
        var body = BodyReader(try await isForm ? FormReader.object(of: request) : BodyReader.object(of: request))
        let email = body.text(isForm ? "username" : "email", .required) ?? ""
        let password = body.secret("password", .required) ?? Secret("")
        if isForm { body.grantType() }
        try body.finish()
        let signIn = try await self.desk.signIn(email: email, password: password, from: context.origin)
        return .json(isForm ? signIn.oauthJSON : signIn.json)
    }

    @Sendable func refresh(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        let (token, isOAuth) = try await self.refreshToken(of: request)
        let signIn = try await self.desk.refresh(token, from: context.origin)
        return .json(isOAuth ? signIn.oauthJSON : signIn.json)
    }

    @Sendable func signOut(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        try await self.desk.signOut(self.refreshToken(of: request).token)
        return .json(["success": true])
    }

    /// In either dialect: the name of the member tells which answer is expected.
    private func refreshToken(of request: Request) async throws -> (token: Secret, isOAuth: Bool) {
        let object = try await BodyReader.object(of: request)
        let isOAuth = object["refresh_token"] != nil
        var body = BodyReader(object)
        let token = body.secret(
            isOAuth ? "refresh_token" : "refreshToken", .required, maximumLength: Self.maximumTokenLength
        )
        try body.finish()
        return (token ?? Secret(""), isOAuth)
    }

    @Sendable func me(_ request: Request, _ context: LocalAPIContext) throws -> Response {
        let user = try context.user
        var json = user.json.objectValue ?? JSONObject()
        // As the other dialect of clients names them.
        json["user_id"] = .string(user.id.description)
        json["username"] = .string(user.name)
        json["is_verified"] = .bool(user.isEmailVerified)
        return .json(.object(json))
    }

    @Sendable func changePassword(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        var body = BodyReader(try await BodyReader.object(of: request))
        let current = body.secret("currentPassword", .required) ?? Secret("")
        let new = body.secret("newPassword", .required) ?? Secret("")
        try body.finish()
        let signIn = try await self.desk.changePassword(
            of: context.user, session: context.identity?.claims.sessionID, from: current, to: new,
            origin: context.origin
        )
        return .json(signIn.json)
    }

    @Sendable func sendCode(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        var body = BodyReader(try await BodyReader.object(of: request))
        let email = body.text("email", .required) ?? ""
        try body.finish()
        try await self.desk.sendCode(to: email, from: context.origin)
        return .json(["success": true])
    }

    @Sendable func verifyCode(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        var body = BodyReader(try await BodyReader.object(of: request))
        let email = body.text("email", .required) ?? ""
        let code = body.secret("code", .required, maximumLength: Self.maximumCodeLength) ?? Secret("")
        try body.finish()
        try await self.desk.verifyCode(code, of: email, from: context.origin)
        return .json(["success": true])
    }
}

extension BodyReader {
    /// OAuth 2 knows several ways to get a token; this is the one with a password.
    fileprivate mutating func grantType() {
        guard let type = self.text("grant_type", .optional), type != "password" else { return }
        self.refuse("grant_type", "“grant_type” is “\(type)”; it must be “password”.")
    }
}
