import HTTPTypes
import StationCore

extension AuthRoutes {
    func add(to book: inout RouteBook, _ hooks: Hooks) {
        self.addRegistration(to: &book)
        self.addSessions(to: &book)
        self.addCodes(to: &book)
        book.add(
            .get, "/api/auth/me", by: hooks.user,
            Operation("getMe", .accounts, "Who is signed in.", answers: [.ok("The profile.", .user)]), use: self.me
        )
        book.add(
            .put, "/api/auth/password", by: hooks.user,
            Operation(
                "changePassword", .accounts, "Sets a new password and ends all other sessions.",
                body: .json(.body([("currentPassword", .givenPassword), ("newPassword", .password)])),
                answers: [.ok("A new access token; the old one is dead.", .signIn)], refusals: [403, 429]
            ),
            use: self.changePassword
        )
    }

    private func addRegistration(to book: inout RouteBook) {
        book.add(
            .get, "/api/auth/status", by: [],
            Operation(
                "getAuthStatus", .accounts, "Whether the station has an owner, and who may register.",
                answers: [
                    .ok(
                        "What a sign-in page needs.",
                        .object([
                            ("setupRequired", .boolean),
                            ("registration", .choice(["first_owner", "invite", "open"])),
                            ("emailVerification", .boolean),
                        ])
                    )
                ]
            )
        ) { request, context in self.status(request, context) }
        book.add(
            .post, "/api/auth/register", by: [],
            Operation(
                "register", .accounts, "Makes an account; the first one owns the station.",
                body: .json(
                    .body(
                        [
                            ("email", .email), ("password", .password), ("name", .personName.nullable),
                            ("username", .personName.nullable),
                            ("inviteToken", .text(1...AuthRoutes.maximumTokenLength).nullable),
                        ], optional: ["name", "username", "inviteToken"]
                    )
                ),
                answers: [.created("The account.", .object([("userId", .uuid), ("user_id", .uuid)]))],
                refusals: [403, 409, 429]
            ),
            use: self.register
        )
    }

    private func addSessions(to book: inout RouteBook) {
        var signIn = Operation.Body.json(.body([("email", .text(1...254)), ("password", .givenPassword)]))
        signIn.contents.append(
            (
                "application/x-www-form-urlencoded",
                .body(
                    [
                        ("username", .text(1...254)), ("password", .givenPassword),
                        ("grant_type", .choice(["password"])), ("scope", .string),
                    ], optional: ["grant_type", "scope"]
                )
            )
        )
        book.add(
            .post, "/api/auth/login", by: [],
            Operation(
                "signIn", .accounts, "Takes a password for a pair of tokens.", body: signIn,
                answers: [.ok("The tokens, in the form of the request.", .anyOf([.signIn, .tokenPair]))],
                refusals: [400, 401, 429]
            ),
            use: self.signIn
        )
        book.add(
            .post, "/api/auth/refresh", by: [],
            Operation(
                "refresh", .accounts, "Takes a refresh token for a new pair of tokens; the old one is used up.",
                body: .json(.refreshToken), answers: [.ok("The tokens.", .anyOf([.signIn, .tokenPair]))],
                refusals: [401, 429]
            ),
            use: self.refresh
        )
        book.add(
            .post, "/api/auth/logout", by: [],
            Operation(
                "signOut", .accounts, "Ends the session of a refresh token.", body: .json(.refreshToken),
                answers: [.ok("It is over.", .success)]
            ),
            use: self.signOut
        )
    }

    private func addCodes(to book: inout RouteBook) {
        book.add(
            .post, "/api/auth/send-otp", by: [],
            Operation(
                "sendCode", .accounts, "Sends a one-time code to an address that is not verified yet.",
                body: .json(.body([("email", .email)])),
                answers: [.ok("Whether or not there is such an account.", .success)], refusals: [429]
            ),
            use: self.sendCode
        )
        book.add(
            .post, "/api/auth/verify-otp", by: [],
            Operation(
                "verifyCode", .accounts, "Verifies an address by the code that was sent to it.",
                body: .json(.body([("email", .email), ("code", .text(1...AuthRoutes.maximumCodeLength))])),
                answers: [.ok("The address is verified.", .success)], refusals: [429]
            ),
            use: self.verifyCode
        )
    }
}

extension Schema {
    /// A password as somebody types it: what is too short is simply wrong.
    fileprivate static let givenPassword: Schema = {
        var schema = Schema.text(1...AuthRoutes.maximumPasswordLength)
        schema.json["format"] = "password"
        return schema
    }()

    fileprivate static let refreshToken = Schema.anyOf([
        .body([("refreshToken", .text(1...AuthRoutes.maximumTokenLength))]),
        .body([("refresh_token", .text(1...AuthRoutes.maximumTokenLength))]),
    ])
}
