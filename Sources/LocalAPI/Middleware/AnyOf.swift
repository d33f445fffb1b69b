import HTTPTypes
import HummingbirdCore

/// One of several ways in, each a list of hooks: the first that admits the request does.
struct AnyOf: RequestHook {
    let ways: [[any RequestHook]]

    init(_ ways: [any RequestHook]...) {
        self.ways = ways
    }

    var schemes: [SecurityScheme] { self.ways.flatMap { $0.flatMap(\.schemes) } }
    var refusals: Set<Int> { self.ways.reduce(into: []) { $0.formUnion($1.flatMap(\.refusals)) } }

    func admit(_ request: Request, _ context: inout LocalAPIContext) async throws {
        var refusal: APIError?
        for way in self.ways {
            var tried = context
            do {
                for hook in way { try await hook.admit(request, &tried) }
                context = tried
                return
            } catch {
                let error = APIError(error)
                // Who is known but may not is told so, rather than that nobody knows them; and it is no guess at
                // another way in.
                if error.status == .forbidden { throw error }
                if refusal == nil || refusal?.status == .unauthorized { refusal = error }
            }
        }
        throw refusal ?? APIError.unauthorized
    }
}
