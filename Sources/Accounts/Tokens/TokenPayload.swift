import JWTKit

/// The payload of an access token as it is signed. Times are judged by `AccessTokens`, whose clock never runs back.
struct TokenPayload: JWTPayload {
    let userId: String
    let role: String
    let sub: String
    let email: String
    let username: String
    let iat: Double
    let exp: Double
    let jti: String
    let iss: String
    let sid: String?

    func verify(using algorithm: some JWTAlgorithm) {}
}

/// Any payload: what it says is read elsewhere, strictly.
struct UnreadPayload: JWTPayload {
    func verify(using algorithm: some JWTAlgorithm) {}
}
