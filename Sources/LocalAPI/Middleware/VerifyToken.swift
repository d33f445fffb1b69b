import Accounts
import HTTPTypes
import HummingbirdCore
import StationCore

/// `Authorization: Bearer` holds an access token that is in force: it sets the request's user.
struct VerifyToken: RequestHook {
    let desk: AccountDesk

    let schemes: [SecurityScheme] = [.accessToken]
    let refusals: Set<Int> = [401]

    func admit(_ request: Request, _ context: inout LocalAPIContext) async throws {
        guard let token = BearerToken.of(request) else { throw APIError.unauthorized }
        let (user, claims) = try await self.desk.authenticate(token)
        context.identity = RequestIdentity(user: user, claims: claims)
    }
}
