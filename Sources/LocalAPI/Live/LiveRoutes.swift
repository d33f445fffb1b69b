import Accounts
import HTTPTypes
import HummingbirdCore
import NIOCore
import ServiceLifecycle
import StationCore
import StationData
import StationSocket

/// `GET /ws` and `GET /ws/provisioning`: what happens, as it happens (contract 3).
struct LiveRoutes: Sendable {
    private static let path = "/ws"
    private static let provisioningPath = "/ws/provisioning"

    /// A client that does not answer our good-bye must not hold up the stop of the station.
    private static let closingTime = Duration.seconds(2)

    /// Whether a request is for a WebSocket, so that its connection may become one.
    static func mayOpen(_ request: HTTPRequest) -> Bool {
        guard request.method == .get, request.headerFields.contains(.upgrade) else { return false }
        let path = request.path?.prefix { $0 != "?" } ?? ""
        return path == Self.path || path == Self.provisioningPath
    }

    let feed: LiveFeed
    let hub: StationHub
    let desk: AccountDesk
    let provisioning: any DeviceProvisioning
    let configuration: LocalAPIConfiguration
    let clock: any StationClock

    func add(to book: inout RouteBook) {
        for (path, id, summary) in [
            (Self.path, "openLive", "A WebSocket with everything that happens to the caller's devices."),
            (Self.provisioningPath, "openProvisioning", "A WebSocket for adding factory-new devices."),
        ] {
            book.add(
                .get, path, by: [],
                Operation(
                    id, .live, summary,
                    query: [.init("token", .string, "An access token, for browsers, which cannot send a header here.")],
                    answers: [
                        .init(
                            status: .switchingProtocols,
                            description:
                                "It is open. Whoever shows no token, as Bearer, `token` or first message, is closed with 1008."
                        )
                    ], refusals: [403, 426]
                ),
                reading: .streamed
            ) { request, context in
                try self.open(request, context, isForProvisioning: path == Self.provisioningPath)
            }
        }
    }

    private func open(_ request: Request, _ context: LocalAPIContext, isForProvisioning: Bool) throws -> Response {
        var query = try QueryReader(request)
        let given = query.text("token", maximumLength: 4096).map(Secret.init)
        try query.finish()
        if let origin = request.headers[.origin] {
            // A page elsewhere could otherwise read along in the browser of somebody who is on this network.
            guard self.configuration.origins.allows(origin, host: request.head.authority ?? "") else {
                throw APIError.foreignOrigin(origin)
            }
        }
        let fields: [(name: String, value: String)]
        do throws(SocketRefusal) {
            fields = try SocketHandshake.accept(method: request.method.rawValue, httpVersion: nil) { name in
                HTTPField.Name(name).map { request.headers[values: $0] } ?? []
            }
        } catch {
            throw APIError(error)
        }
        var headers = HTTPFields()
        for (name, value) in fields {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
        let client = LiveClient()
        let session = LiveSession(
            feed: self.feed, hub: self.hub, desk: self.desk,
            configuration: self.configuration, clock: self.clock,
            connection: SocketConnection(
                role: .server, timing: SocketTiming(closing: Self.closingTime), clock: self.clock
            ), client: client, seat: ProvisioningSeat(self.provisioning, inbox: client.inbox),
            isForProvisioning: isForProvisioning
        )
        let token = BearerToken.of(request) ?? given
        return Response(
            status: .switchingProtocols, headers: headers,
            body: ResponseBody { writer in
                await self.serve(session, token: token, body: request.body, channel: context.channel, &writer)
                try await writer.finish(nil)
            }
        )
    }

    private func serve(
        _ session: LiveSession, token: Secret?, body: RequestBody, channel: any Channel,
        _ writer: inout any ResponseBodyWriter
    ) async {
        await withGracefulShutdownHandler {
            // Before anything is read: who has shown a token in the request may speak at once.
            if let token { await session.authenticate(token) }
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await session.accompany() }
                _ = await session.connection.run(
                    inbound: body, write: { try await writer.write($0) },
                    drop: { channel.close(promise: nil) }, receive: { await session.receive($0) }
                )
                group.cancelAll()
            }
        } onGracefulShutdown: {
            session.connection.close(.goingAway, reason: "the station is stopping")
        }
    }
}

extension APIError {
    fileprivate init(_ refusal: SocketRefusal) {
        let text = refusal.description
        self.init(
            HTTPResponse.Status(known: refusal.status), "not_a_websocket",
            text.prefix(1).uppercased() + text.dropFirst() + ".")
        for (name, value) in refusal.fields {
            if let name = HTTPField.Name(name) { self.headers[name] = value }
        }
    }
}
