public import StationCore

/// A small HTTP client for tests of the API: one connection for each request.
///
///     let api = HTTPProbe(port: try await server.boundPort, token: token)
///     let answer = try await api.post("/api/devices", json: ["name": "Lamp"])
///     #expect(answer.status == 201)
public struct HTTPProbe: Sendable {
    public let port: Int
    /// What is sent as `Authorization: Bearer`; `nil` for a stranger.
    public let token: Secret?

    public init(port: Int, token: Secret? = nil) {
        self.port = port
        self.token = token
    }

    public func get(_ path: String, headers: [String: String] = [:]) async throws -> HTTPAnswer {
        try await self.send("GET", path, headers: headers)
    }

    public func post(_ path: String, json: JSONValue? = nil) async throws -> HTTPAnswer {
        try await self.send("POST", path, json: json)
    }

    public func patch(_ path: String, json: JSONValue) async throws -> HTTPAnswer {
        try await self.send("PATCH", path, json: json)
    }

    public func delete(_ path: String) async throws -> HTTPAnswer {
        try await self.send("DELETE", path)
    }

    public func send(_ method: String, _ path: String, json: JSONValue?) async throws -> HTTPAnswer {
        guard let json else { return try await self.send(method, path) }
        return try await self.send(
            method, path, headers: ["Content-Type": "application/json"], body: json.serialized()
        )
    }

    /// Sends any request and waits for its answer.
    public func send(
        _ method: String, _ path: String, headers: [String: String] = [:], body: [UInt8]? = nil
    ) async throws -> HTTPAnswer {
        var head = "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(self.port)\r\n"
        if let token = self.token, headers["Authorization"] == nil {
            head += "Authorization: Bearer \(token.revealed)\r\n"
        }
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        if let body { head += "Content-Length: \(body.count)\r\n" }
        let request = Array((head + "\r\n").utf8) + (body ?? [])
        let connection = try await RawConnection.open(port: self.port, sending: request)
        defer { connection.close() }
        return try await connection.answer(hasBody: method != "HEAD")
    }
}

/// Why a probe got no answer.
public enum HTTPProbeFailure: Error, CustomStringConvertible {
    case closedWithoutAnswer
    case notHTTP(String)

    public var description: String {
        switch self {
        case .closedWithoutAnswer: "The server closed the connection without a whole answer."
        case .notHTTP(let text): "The server did not answer in HTTP/1.1 but with: \(text)"
        }
    }
}
