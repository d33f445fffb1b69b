import HTTPTypes
import HummingbirdCore
import StationCore

/// `Authorization: Bearer` equals the agent token (contract 2, "Hooks"). An empty token never matches.
struct VerifyAgentToken: CallerHook {
    let token: Secret

    func caller(of request: Request, context: LocalAPIContext) -> Caller? {
        guard !self.token.isEmpty, let field = request.headers[.authorization] else { return nil }
        let parts = field.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return Secret(String(parts[1])) == self.token ? .agent : nil
    }
}
