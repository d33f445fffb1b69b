import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import StationCore

/// The outermost layer: every request comes in here and every answer, error or not, goes out here.
struct LocalAPIResponder: HTTPResponder {
    typealias Context = LocalAPIContext

    private let routed: RouterResponder<LocalAPIContext>
    private let table: RouteTable
    private let metrics: MetricRegistry
    private let clock: any StationClock
    private let logger: Logger

    init(router: Router<LocalAPIContext>, metrics: MetricRegistry, clock: any StationClock, logger: Logger) {
        self.routed = router.buildResponder()
        self.table = RouteTable(router)
        self.metrics = metrics
        self.clock = clock
        self.logger = logger
    }

    func respond(to request: Request, context: LocalAPIContext) async throws -> Response {
        let start = self.clock.now
        var context = context
        context.requestID = RequestID.of(request, at: self.clock.wallTime)
        var logger = self.logger
        logger[metadataKey: "request_id"] = "\(context.requestID)"
        context.logger = logger

        var response: Response
        // The parser stops behind a request with this header: a second one on the connection would never be read.
        var closes = request.headers.contains(.upgrade)
        do {
            response = try await self.answer(request, context)
        } catch {
            let failure = APIError(error)
            failure.log(error, to: logger)
            response = failure.response(requestID: context.requestID)
            closes = closes || failure.closesConnection
        }
        if request.method == .head { response = response.createHeadResponse() }
        if closes { response = response.closing(context.channel) }
        response.headers[.requestID] = context.requestID
        response.headers[.xContentTypeOptions] = "nosniff"
        if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }

        self.metrics.count(.httpRequests, "\(response.status.code / 100)xx")
        RequestLog(request: request, status: response.status, duration: start.duration(to: self.clock.now))
            .write(to: logger)
        return response
    }

    private func answer(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        // The first Host is the authority; any further one is still among the fields.
        guard let host = request.head.authority, !host.isEmpty,
            !request.headers.contains(where: { $0.name.canonicalName == "host" })
        else { throw APIError.badHost }
        guard let methods = self.table.methods(at: request.uri.path) else {
            throw APIError.routeNotFound(request.method, request.uri.path)
        }
        let allow = methods.map(\.rawValue).joined(separator: ", ")
        if request.method == .options {
            return Response(status: .noContent, headers: [.allow: allow])
        }
        guard methods.contains(request.method) else {
            throw APIError.methodNotAllowed(request.method, request.uri.path, allow: allow)
        }
        return try await self.routed.respond(to: request, context: context)
    }
}

extension MetricRegistry.Counter {
    fileprivate static let httpRequests = Self(
        "station_http_requests_total", help: "Requests answered by the HTTP API.", label: "status"
    )
}
