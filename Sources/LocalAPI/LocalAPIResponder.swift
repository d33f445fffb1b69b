import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import StationCore

/// The outermost layer: every request comes in here and every answer, error or not, goes out here.
struct LocalAPIResponder: Sendable {
    private let routed: RouterResponder<LocalAPIContext>
    private let table: RouteTable
    private let names: StationNames
    private let origins: AllowedOrigins
    private let metrics: MetricRegistry
    private let clock: any StationClock
    private let logger: Logger
    private let date = ResponseDate()

    init(
        router: Router<LocalAPIContext>, names: StationNames, origins: AllowedOrigins, metrics: MetricRegistry,
        clock: any StationClock, logger: Logger
    ) {
        self.routed = router.buildResponder()
        self.table = RouteTable(router)
        self.names = names
        self.origins = origins
        self.metrics = metrics
        self.clock = clock
        self.logger = logger
    }

    /// Answers one request of a connection.
    ///
    /// - Throws: When the answer cannot be written.
    func serve(_ request: Request, writer: consuming ResponseWriter, channel: any Channel) async throws {
        let context = LocalAPIContext(source: ApplicationRequestContextSource(channel: channel, logger: self.logger))
        let response = await self.respond(to: request, context: context)
        try await writer.write(response: response.head, body: response.body)
    }

    private func respond(to request: Request, context: LocalAPIContext) async -> Response {
        let start = self.clock.now
        var context = context
        context.requestID = RequestID.of(request, at: self.clock.wallTime)
        var logger = self.logger
        logger[metadataKey: "request_id"] = "\(context.requestID)"
        context.logger = logger

        let body = AwaitedBody(request, channel: context.channel)
        var response: Response
        var closes = request.endsItsConnection
        do {
            try body.check()
            var request = request
            if body.isAwaited { request.body = body.inviting }
            response = try await self.answer(request, context)
        } catch {
            let failure = error is HTTPParserError ? APIError.malformedRequest : APIError(error)
            failure.log(error, to: logger)
            response = failure.response(requestID: context.requestID)
            closes = closes || failure.closesConnection
        }
        // Nobody can tell whether a body that was not asked for comes or not.
        closes = closes || body.isAwaited
        if request.method == .head { response = response.createHeadResponse() }
        if closes, response.status != .switchingProtocols { response = response.closing(context.channel) }
        response.headers[.date] = self.date.text(at: self.clock.wallTime)
        ResponseHeaders.complete(&response, requestID: context.requestID)
        self.share(&response, of: request)

        self.metrics.count(.httpRequests, "\(response.status.code / 100)xx")
        RequestLog(request: request, status: response.status, duration: start.duration(to: self.clock.now))
            .write(to: logger)
        return response
    }

    private func answer(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        let host = try self.checkHost(of: request, context)
        try self.checkOrigin(of: request, host: host)
        let path = request.uri.path
        guard path.first == "/" else { throw APIError.malformedPath }
        guard let methods = self.table.methods(at: path) else { throw APIError.routeNotFound(request.method, path) }
        let allow = methods.map(\.rawValue).joined(separator: ", ")
        if request.method == .options {
            return Response(status: .noContent, headers: [.allow: allow])
        }
        guard methods.contains(request.method) else {
            throw APIError.methodNotAllowed(request.method, path, allow: allow)
        }
        return try await self.routed.respond(to: request, context: context)
    }

    /// Returns the request's one `Host`, which is the station's.
    private func checkHost(of request: Request, _ context: LocalAPIContext) throws(APIError) -> String {
        // The first Host is the authority; any further one is still among the fields.
        guard let text = request.head.authority, let host = HostField(text),
            !request.headers.contains(where: { $0.name.canonicalName == "host" })
        else { throw .badHost }
        guard self.names.contains(host, reachedAt: context.channel.localAddress) else {
            throw .foreignHost(host.name, allowed: self.names)
        }
        return text
    }

    /// A page elsewhere may make the browser of somebody who has access here send things; it must not change any.
    private func checkOrigin(of request: Request, host: String) throws(APIError) {
        guard let origin = request.headers[.origin], !request.method.isSafe else { return }
        guard self.origins.allows(origin, host: host) else { throw .foreignOrigin(origin) }
    }

    /// Lets the pages of configured origins read the answer; errors too, or they could not show them.
    private func share(_ response: inout Response, of request: Request) {
        ResponseHeaders.varyByOrigin(&response)
        guard let origin = request.headers[.origin], self.origins.isConfigured(origin) else { return }
        ResponseHeaders.share(&response, with: origin)
        guard request.method == .options, request.headers.contains(.accessControlRequestMethod) else { return }
        ResponseHeaders.permit(&response, methods: response.headers[.allow] ?? "")
    }
}

extension HTTPRequest.Method {
    /// RFC 9110, 9.2.1: asks for nothing to be changed.
    fileprivate var isSafe: Bool { self == .get || self == .head || self == .options }
}

extension MetricRegistry.Counter {
    fileprivate static let httpRequests = Self(
        "station_http_requests_total", help: "Requests answered by the HTTP API.", label: "status"
    )
}
