import StationCore

extension Schema {
    /// A hash never leaves the store.
    static let user = Schema.object([
        ("id", .uuid), ("email", .string), ("name", .string), ("role", .choice(UserRole.self)),
        ("emailVerified", .boolean), ("cloudLinked", .boolean), ("createdAt", .time),
    ]).named("User")

    /// As people type it; the station compares it in lower case.
    static let email = Schema([
        "type": "string", "format": "email", "minLength": 3, "maxLength": 254,
        "pattern":
            "^[A-Za-z0-9_+\\-]+(\\.[A-Za-z0-9_+\\-]+)*@[A-Za-z0-9]+(-[A-Za-z0-9]+)*(\\.[A-Za-z0-9]+(-[A-Za-z0-9]+)*)+$",
    ])

    /// 8–72 bytes. The schema can only count characters, so it names those of one byte.
    static let password = Schema(["type": "string", "pattern": "^[\\u0020-\\u007e]{8,72}$", "format": "password"])

    static let personName = Schema.name(upTo: User.maximumNameLength)

    static let signIn = Schema.object(
        [("user", .user), ("accessToken", .string), ("refreshToken", .string), ("expiresIn", .integer)],
        optional: ["refreshToken"]
    ).named("SignIn")

    /// The form of OAuth 2 (RFC 6749, 5.1).
    static let tokenPair = Schema.object([
        ("access_token", .string), ("refresh_token", .string), ("token_type", .string), ("expires_in", .integer),
    ]).named("TokenPair")

    static let success = Schema.object([("success", .boolean)])

    static let member = Schema.object([
        ("userId", .uuid), ("email", .string), ("name", .string), ("role", .choice(UserRole.self)),
        ("createdAt", .time),
    ]).named("Member")
}
