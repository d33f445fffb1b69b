import HummingbirdCore

/// Who is calling.
enum Caller: Sendable, Hashable {
    /// A program on the station that knows the agent token.
    case agent
    /// Anybody on this machine.
    case loopback
}

/// One way by which a request can show who is calling (contract 2, "Hooks"); `RequireCaller` puts them before routes.
protocol CallerHook: Sendable {
    /// The caller, or `nil` when this hook does not recognise it.
    func caller(of request: Request, context: LocalAPIContext) async throws -> Caller?
}
