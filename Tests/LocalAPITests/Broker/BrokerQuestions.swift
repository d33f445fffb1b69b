import StationCore
import StationData
import StationTestSupport
import Testing

/// The questions of brokers as they come over the wire.
extension LocalAPIFixture {
    static let questionPaths = [
        "/mqtt/user", "/mqtt/acl", "/mqtt/superuser", "/mqtt/emqx/auth", "/mqtt/emqx/acl", "/api/internal/mqtt/auth",
        "/api/internal/mqtt/acl",
    ]

    /// As mosquitto-go-auth asks with `params_mode json`.
    func ask(_ path: String, json body: String, bearer: Secret? = nil) async throws -> HTTPAnswer {
        var headers = [
            "User-Agent": "mosquitto-2.0.11", "Content-Type": "application/json", "Accept-Encoding": "gzip",
        ]
        headers["Authorization"] = bearer.map { "Bearer \($0.revealed)" }
        return try await self.stranger.send("POST", path, headers: headers, body: Array(body.utf8))
    }

    /// As mosquitto-go-auth asks with `params_mode form`.
    func ask(_ path: String, form body: String, bearer: Secret? = nil) async throws -> HTTPAnswer {
        var headers = [
            "User-Agent": "Go-http-client/1.1", "Content-Type": "application/x-www-form-urlencoded",
            "Accept-Encoding": "gzip",
        ]
        headers["Authorization"] = bearer.map { "Bearer \($0.revealed)" }
        return try await self.stranger.send("POST", path, headers: headers, body: Array(body.utf8))
    }

    func addNamedDevice(_ name: String) async throws -> (device: Device, token: Secret) {
        try await self.hub.addDevice(NewDevice(name: name, externalID: ExternalID(name)))
    }
}

/// Checks an answer to mosquitto-go-auth to the byte.
func expectVerdict(
    _ answer: HTTPAnswer, _ status: Int, _ reason: String = "authorized",
    sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(answer.status == status, "\(answer.text)", sourceLocation: sourceLocation)
    let text =
        status == 200
        ? #"{"ok":true,"reason":"\#(reason)","error":""}"# : #"{"ok":false,"reason":"\#(reason)","error":"\#(reason)"}"#
    #expect(answer.text == text, sourceLocation: sourceLocation)
    #expect(answer["Content-Type"] == "application/json", sourceLocation: sourceLocation)
}

/// Checks that mosquitto-go-auth is told that its question cannot be read.
func expectFault(_ answer: HTTPAnswer, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let json = try answer.json
    #expect(answer.status == 400, "\(json)", sourceLocation: sourceLocation)
    #expect(json.objectValue?.members.map(\.key) == ["ok", "reason", "error"], sourceLocation: sourceLocation)
    #expect(json["ok"] == false && json["reason"] == json["error"], sourceLocation: sourceLocation)
    #expect(json["reason"]?.stringValue?.isEmpty == false, sourceLocation: sourceLocation)
}

/// Checks an answer to EMQX, which passes over everything but 200 with this content type.
func expectResult(
    _ answer: HTTPAnswer, _ json: JSONValue, sourceLocation: SourceLocation = #_sourceLocation
) throws {
    let given = try answer.json
    #expect(answer.status == 200, sourceLocation: sourceLocation)
    #expect(answer["Content-Type"] == "application/json", sourceLocation: sourceLocation)
    #expect(given == json, sourceLocation: sourceLocation)
}
