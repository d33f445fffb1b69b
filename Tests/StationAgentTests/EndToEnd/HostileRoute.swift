import StationCore
import StationTestSupport
import Testing

/// One route of `/openapi.json`, with what it takes to get past its door.
struct HostileRoute: Sendable {
    /// Real things of the station, so that a request is not only told that there is no such thing.
    struct Scene: Sendable {
        var identifiers: [String: String]
        let accessToken: Secret
        let deviceToken: Secret
    }

    private static let restart = "/api/system/restart"
    static let nobody = "01890000-0000-7000-8000-000000000001"

    let method: String
    /// With the ids of real things, except where they would be deleted.
    let target: String
    let fields: [(name: String, value: String)]
    /// The properties of a JSON body, each with a value that is about right; empty when it takes none.
    let properties: [(name: String, value: String)]
    /// The query items that it knows.
    let query: [String]

    /// All routes of a document.
    static func all(in document: JSONValue, _ scene: Scene) throws -> [HostileRoute] {
        let paths = try #require(document["paths"]?.objectValue)
        return paths.members.flatMap { path in
            (path.value.objectValue?.members ?? []).map { operation in
                HostileRoute(operation.key.uppercased(), path.key, operation.value, scene)
            }
        }
    }

    private init(_ method: String, _ path: String, _ operation: JSONValue, _ scene: Scene) {
        self.method = method
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).map { part -> String in
            guard part.hasPrefix("{") else { return String(part) }
            let name = String(part.dropFirst().dropLast())
            let isLast = path.hasSuffix(part)
            if method == "DELETE", isLast { return Self.nobody }
            return scene.identifiers["\(name) of \(path.split(separator: "/")[1])"] ?? scene.identifiers[name] ?? "key"
        }
        self.target = parts.joined(separator: "/")

        let schemes = (operation["security"]?.arrayValue ?? []).flatMap { $0.objectValue?.members.map(\.key) ?? [] }
        let token = schemes.contains("agentToken") ? AgentProcess.token : scene.accessToken.revealed
        self.fields = [
            ("Authorization", "Bearer \(token)"), ("X-Device-Token", scene.deviceToken.revealed),
        ].filter { $0.0 == "Authorization" || schemes.contains("deviceToken") }

        let schema = operation["requestBody", "content", "application/json", "schema"] ?? .null
        let object = schema["properties"] ?? schema["anyOf"]?.arrayValue?.first?["properties"]
        self.properties = (object?.objectValue?.members ?? []).map { member in
            // Nothing that is right by chance shall restart what is tried.
            (member.key, path == Self.restart ? "\"nothing\"" : Self.sample(member.value))
        }
        self.query = (operation["parameters"]?.arrayValue ?? []).compactMap { parameter in
            parameter["in"] == "query" ? parameter["name"]?.stringValue : nil
        }
    }

    private static func sample(_ schema: JSONValue) -> String {
        if let first = schema["enum"]?.arrayValue?.first { return first.description }
        if let one = schema["anyOf"]?.arrayValue?.first { return Self.sample(one) }
        if schema["format"] == "uuid" { return "\"\(Self.nobody)\"" }
        let type = schema["type"]?.stringValue ?? schema["type"]?.arrayValue?.first?.stringValue
        return switch type {
        case "integer", "number": "1"
        case "boolean": "true"
        case "object": "{}"
        case "array": "[]"
        default: "\"sample\""
        }
    }

    /// A body that is about right but for one property.
    func body(_ name: String? = nil, as value: String = "") -> [UInt8] {
        let members = self.properties.map { "\"\($0.name)\":\($0.name == name ? value : $0.value)" }
        return Array("{\(members.joined(separator: ","))}".utf8)
    }

    func request(body: [UInt8]?, contentType: String = "application/json") -> HostileRequest {
        let type = body == nil ? [] : [("Content-Type", contentType)]
        return HostileRequest(method: self.method, target: self.target, fields: self.fields + type, body: body)
    }
}
