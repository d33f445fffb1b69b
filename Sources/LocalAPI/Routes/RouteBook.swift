import HTTPTypes
import Hummingbird
import HummingbirdCore

/// All routes of the API. The router and the OpenAPI document are both made of it, so neither knows a route that the
/// other does not.
struct RouteBook: Sendable {
    private(set) var endpoints: [Endpoint] = []

    /// - Parameter hooks: Who may call, asked in this order; none for everybody.
    mutating func add(
        _ method: HTTPRequest.Method, _ path: String, by hooks: [any RequestHook], _ operation: Operation,
        reading bodyReading: Endpoint.BodyReading = .whole, use handler: @escaping Endpoint.Handler
    ) {
        self.add(
            Endpoint(
                method: method, path: path, hooks: hooks, operation: operation, bodyReading: bodyReading,
                handler: handler
            )
        )
    }

    mutating func add(_ endpoint: Endpoint) {
        self.endpoints.append(endpoint)
    }

    /// - Parameter wholeBody: Stands behind the hooks of every route that does not read its body by itself.
    func router(wholeBody: WholeBody) -> Router<LocalAPIContext> {
        let router = Router(context: LocalAPIContext.self, options: [.autoGenerateHeadEndpoints])
        for endpoint in self.endpoints {
            var group = router.group()
            for hook in endpoint.hooks { group = group.add(middleware: Self.middleware(hook)) }
            if endpoint.bodyReading == .whole { group = group.add(middleware: wholeBody) }
            group.on(RouterPath(endpoint.path), method: endpoint.method, use: endpoint.handler)
        }
        return router
    }

    private static func middleware(
        _ hook: some RequestHook
    ) -> any MiddlewareProtocol<Request, Response, LocalAPIContext> {
        hook
    }
}
