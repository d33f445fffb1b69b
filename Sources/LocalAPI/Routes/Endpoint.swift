import HTTPTypes
import HummingbirdCore

/// A route with all that is known of it: who may call it, what it says of itself, what it does.
struct Endpoint: Sendable {
    typealias Handler = @Sendable (Request, LocalAPIContext) async throws -> Response

    /// How much of a request's body there is when the route begins.
    enum BodyReading: Sendable, Hashable {
        /// All of it, within the limits of every body.
        case whole
        /// None: the route reads it as it comes, within limits of its own.
        case streamed
    }

    let method: HTTPRequest.Method
    /// With parameters in braces: `/api/devices/{id}`.
    let path: String
    /// In the order in which they are asked.
    let hooks: [any RequestHook]
    let operation: Operation
    let bodyReading: BodyReading
    let handler: Handler

    /// The names of the path's parameters, in their order.
    var pathParameters: [String] {
        self.path.split(separator: "/").filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) }
    }
}
