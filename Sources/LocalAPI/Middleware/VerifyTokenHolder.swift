import Accounts
import HummingbirdCore

/// `Authorization: Bearer` holds an access token, or a token of the configured issuer: it sets for whom a login at the
/// broker can be made.
struct VerifyTokenHolder: RequestHook {
    let authority: BrokerAuthority

    let schemes: [SecurityScheme] = [.accessToken, .issuerToken]
    let refusals: Set<Int> = [401, 503]

    func admit(_ request: Request, _ context: inout LocalAPIContext) async throws {
        guard let token = BearerToken.of(request) else { throw APIError.unauthorized }
        do throws(BrokerRefusal) {
            context.tokenHolder = try await self.authority.holder(of: token)
        } catch {
            throw error == .tryAgain ? AccountError.busy : AccountError.invalidToken
        }
    }
}
