import Accounts
import HTTPTypes
import HummingbirdCore
import StationCore

/// `Authorization: Bearer` equals the agent token, compared in constant time. An empty token never matches.
struct VerifyAgentToken: RequestHook {
    let token: Secret
    let throttle: GuessThrottle

    let schemes: [SecurityScheme] = [.agentToken]
    let refusals: Set<Int> = [401, 429]

    func admit(_ request: Request, _ context: inout LocalAPIContext) throws {
        guard let given = BearerToken.of(request) else { throw APIError.unauthorized }
        // A person's access token, maybe an expired one, is no guess.
        if Self.isAccessToken(given), !Self.isAccessToken(self.token) { throw APIError.unauthorized }
        let keys: [GuessThrottle.Key] = [.agentToken(from: context.origin.address)]
        try self.throttle.begin(keys)
        guard !self.token.isEmpty, given == self.token else { throw APIError.unauthorized }
        self.throttle.succeeded(keys)
    }

    /// Whether a token has the form of those that people have (RFC 7519).
    private static func isAccessToken(_ token: Secret) -> Bool {
        token.revealed.hasPrefix("eyJ") && token.revealed.utf8.count { $0 == UInt8(ascii: ".") } == 2
    }
}
