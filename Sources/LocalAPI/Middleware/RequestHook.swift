import Hummingbird
import HummingbirdCore

/// One condition before a route (contract 2, "Hooks"): it lets a request pass and notes who is calling, or refuses.
///
/// Routes list the hooks that they want; each is a middleware of its own.
protocol RequestHook: RouterMiddleware<LocalAPIContext> {
    /// What a caller has to send, for the OpenAPI document; empty for hooks that judge a caller who is already known.
    var schemes: [SecurityScheme] { get }
    /// The statuses by which it refuses.
    var refusals: Set<Int> { get }

    /// Notes in the context who is calling.
    ///
    /// - Throws: `APIError` when the request shall not pass.
    func admit(_ request: Request, _ context: inout LocalAPIContext) async throws
}

extension RequestHook {
    var schemes: [SecurityScheme] { [] }

    func handle(
        _ request: Request, context: LocalAPIContext, next: (Request, LocalAPIContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        try await self.admit(request, &context)
        return try await next(request, context)
    }
}
