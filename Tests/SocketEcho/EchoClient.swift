import StationCore
import StationSocket

/// Walks through the cases of Autobahn's fuzzing server.
struct EchoClient {
    private static let agent = "station-agent"

    private let host: String
    private let port: Int

    init(url: String) throws {
        let parts = url.split(separator: "/").last?.split(separator: ":") ?? []
        guard url.hasPrefix("ws://"), parts.count == 2, let port = Int(parts[1]) else {
            throw EchoError("“\(url)” is not of the form ws://HOST:PORT")
        }
        self.host = String(parts[0])
        self.port = port
    }

    func run() async throws {
        let cases = try await self.caseCount()
        for number in 1...max(cases, 1) {
            let connection = SocketConnection(role: .client, limits: SocketEcho.limits)
            _ = try await self.open(connection, "/runCase?case=\(number)&agent=\(Self.agent)") { message in
                await SocketEcho.echo(message, connection)
            }
        }
        let connection = SocketConnection(role: .client)
        _ = try await self.open(connection, "/updateReports?agent=\(Self.agent)") { _ in }
        print("\(cases) cases")
    }

    private func caseCount() async throws -> Int {
        let (texts, input) = AsyncStream.makeStream(of: String.self, bufferingPolicy: .bufferingNewest(1))
        let connection = SocketConnection(role: .client)
        _ = try await self.open(connection, "/getCaseCount") { message in
            if case .text(let text) = message { input.yield(text) }
        }
        input.finish()
        guard let text = await texts.first(where: { _ in true }), let count = Int(text) else {
            throw EchoError("the suite does not tell how many cases it has")
        }
        return count
    }

    private func open(
        _ connection: SocketConnection, _ path: String, receive: @escaping @Sendable (SocketMessage) async -> Void
    ) async throws -> SocketEnding {
        let request = try SocketRequest(host: self.host, port: self.port, path: path)
        return try await SocketClient().run(connection, request, receive: receive)
    }
}
