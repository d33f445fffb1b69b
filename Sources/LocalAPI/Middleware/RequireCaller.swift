import Hummingbird
import HummingbirdCore

/// Lets a request pass when one of its hooks recognises the caller, who is then known to the route.
struct RequireCaller: RouterMiddleware {
    typealias Context = LocalAPIContext

    private let hooks: [any CallerHook]

    init(_ hooks: any CallerHook...) {
        self.hooks = hooks
    }

    func handle(
        _ request: Request, context: LocalAPIContext,
        next: (Request, LocalAPIContext) async throws -> Response
    ) async throws -> Response {
        for hook in self.hooks {
            guard let caller = try await hook.caller(of: request, context: context) else { continue }
            var context = context
            context.caller = caller
            return try await next(request, context)
        }
        throw APIError.unauthorized
    }
}
