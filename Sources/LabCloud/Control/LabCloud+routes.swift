import StationCore
import StationSocket

/// The control interface: plain HTTP below `/lab`, on the port of the stations.
extension LabCloud {
    private static let paths: JSONObject = [
        "GET /lab/stations": "all stations that have ever been here",
        "GET /lab/log?after=NUMBER&chipId=CHIP&limit=COUNT": "what happened, secrets blotted out",
        "POST /lab/claim": "{chipId, claimSecret?, word?}: claims a station now, or when it comes",
        "POST /lab/revoke": "{chipId}: its token no longer counts",
        "POST /lab/reset": "{chipId}: station_reset now, or pending_reset when it comes",
        "POST /lab/rpc": "{method, params?, chipId?, seconds?}: calls a station",
        "POST /lab/legacy": "{message, chipId?}: sends a message with a type",
        "POST /lab/send": "{text, chipId?}: sends a text as it is",
        "POST /lab/misbehave": "{kind, chipIds?, …}: see below",
        "POST /lab/leave": "{seconds, code?}: stops listening and comes back",
        "kinds": .array(LabMisbehaviour.kinds.map(JSONValue.string)),
    ]

    /// Answers a request that is not a station's.
    func response(to request: LabRequest) async -> LabResponse {
        // A page in the browser of whoever runs a lab has no business here.
        guard request.head.values("origin").isEmpty else {
            return LabResponse(403, ["error": "not for web pages"])
        }
        do throws(LabError) {
            switch request.method {
            case "GET": return LabResponse(200, try self.shown(request))
            case "POST": return LabResponse(200, try await self.done(request.path, try request.object()))
            default: return LabResponse(405, ["error": "GET and POST are allowed"], fields: [("Allow", "GET, POST")])
            }
        } catch {
            return LabResponse(error)
        }
    }

    private func shown(_ request: LabRequest) throws(LabError) -> JSONObject {
        switch request.path {
        case "/lab", "/lab/": return Self.paths
        case "/lab/stations": return ["stations": .array(self.stations.map { .object($0.json) })]
        case "/lab/log":
            let after = Int(request.query["after"] ?? "0") ?? 0
            let limit = Int(request.query["limit"] ?? "1000") ?? 1_000
            let entries = self.log(after: after, of: request.query["chipId"], limit: max(0, limit))
            return [
                "entries": .array(entries.map { .object($0.json) }),
                "next": .integer(Int64(entries.last?.number ?? after)),
            ]
        default: throw .noPath(request.path)
        }
    }

    private func done(_ path: String, _ body: JSONObject) async throws(LabError) -> JSONObject {
        switch path {
        case "/lab/claim":
            guard let word = ClaimWord(rawValue: body["word"]?.stringValue ?? "claim_success") else {
                throw .invalid("word must be claim_success or claimed")
            }
            let secret = body["claimSecret"]?.stringValue.map(Secret.init)
            return ["told": .bool(try await self.claim(try Self.text(body, "chipId"), secret: secret, word: word))]
        case "/lab/revoke":
            try self.revoke(try Self.text(body, "chipId"))
            return ["revoked": true]
        case "/lab/reset": return ["told": .bool(try await self.reset(try Self.text(body, "chipId")))]
        case "/lab/rpc":
            let limit = try Self.duration(body, "seconds", usual: 15)
            let method = try Self.text(body, "method")
            return try await self.call(method, body["params"], of: body["chipId"]?.stringValue, within: limit).json
        case "/lab/legacy":
            guard let message = body["message"]?.objectValue else { throw .invalid("message must be an object") }
            try await self.send(message, to: body["chipId"]?.stringValue)
            return ["sent": true]
        case "/lab/send":
            let strike = LabStrike.text(try Self.text(body, "text"))
            return [
                "stations": .integer(Int64(await self.strike(strike, at: body["chipId"]?.stringValue.map { [$0] })))
            ]
        case "/lab/misbehave": return try await self.misbehave(body)
        case "/lab/leave": return try self.leaveForAWhile(body)
        default: throw .noPath(path)
        }
    }

    private func misbehave(_ body: JSONObject) async throws(LabError) -> JSONObject {
        let chipIDs = body["chipIds"]?.arrayValue?.compactMap(\.stringValue)
        switch try LabMisbehaviour(body) {
        case .strike(let strike):
            return ["stations": .integer(Int64(await self.strike(strike, at: chipIDs)))]
        case .habits(let habits):
            guard chipIDs == nil || !habits.hangs && habits.refusal == nil else {
                throw .invalid("who is calling is not known yet at that point: it is for all stations or none")
            }
            self.behave(habits, towards: chipIDs)
            return ["ok": true]
        }
    }

    /// Goes behind the answer's back: the connection that asked for it ends too.
    private func leaveForAWhile(_ body: JSONObject) throws(LabError) -> JSONObject {
        let pause = try Self.duration(body, "seconds", usual: 10)
        var code: SocketCloseCode?
        if let value = body["code"] {
            guard case .integer(let number) = value, let raw = UInt16(exactly: number),
                SocketCloseCode(rawValue: raw).isSendable
            else { throw .invalid("code cannot be sent in a Close") }
            code = SocketCloseCode(rawValue: raw)
        }
        self.absences.yield(LabAbsence(pause: pause, code: code))
        return ["ok": true]
    }

    private static func text(_ body: JSONObject, _ key: String) throws(LabError) -> String {
        guard let text = body[key]?.stringValue, !text.isEmpty else { throw .invalid("\(key) must be a text") }
        return text
    }

    private static func duration(_ body: JSONObject, _ key: String, usual: Int64) throws(LabError) -> Duration {
        guard let seconds = (body[key] ?? .integer(usual)).doubleValue, (0...86_400).contains(seconds) else {
            throw .invalid("\(key) must be a number up to 86400")
        }
        return .milliseconds(Int64(seconds * 1_000))
    }
}
