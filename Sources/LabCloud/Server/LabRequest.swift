import StationCore
import StationSocket

/// A whole HTTP request to the lab cloud.
struct LabRequest: Sendable {
    let head: HTTPHead
    let method: String
    let version: String
    let path: String
    let query: [String: String]
    let body: [UInt8]

    /// nil where the first line is none of HTTP.
    init?(head: HTTPHead, body: [UInt8]) {
        let words = head.firstLine.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 3, words[1].hasPrefix("/"), words[2].hasPrefix("HTTP/1.") else { return nil }
        let target = words[1].split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var query: [String: String] = [:]
        for pair in (target.count > 1 ? target[1] : "").split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            query[String(parts[0])] = parts.count > 1 ? String(parts[1]) : ""
        }
        self.head = head
        self.method = String(words[0])
        self.version = String(words[2])
        self.path = String(target[0])
        self.query = query
        self.body = body
    }

    /// Whether it wants what only a WebSocket gives.
    var isForStation: Bool { self.path == "/ws/station" }

    /// The body as an object; an empty one where there is none.
    func object() throws(LabError) -> JSONObject {
        guard !self.body.isEmpty else { return JSONObject() }
        do throws(JSONError) {
            if let object = try JSONValue.parse(self.body).objectValue { return object }
        } catch {
            throw LabError.invalid("the body is no JSON: \(error)")
        }
        throw LabError.invalid("the body is no JSON object")
    }
}
