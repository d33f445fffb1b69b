public import StationCore

/// One thing that happened at the lab cloud.
public struct LabLogEntry: Sendable, Hashable {
    /// What happened.
    public enum Event: String, Sendable, Hashable {
        case opened, received, sent, closed, note
    }

    /// Counts from 1 and has no gaps.
    public let number: Int
    public let time: Timestamp
    /// Counts the connections; nil for what concerns none.
    public let connection: Int?
    /// nil as long as the connection has not told.
    public let chipID: String?
    public let event: Event
    /// The message, secrets blotted out, or a text.
    public let message: JSONValue

    /// As `GET /lab/log` shows it.
    public var json: JSONObject {
        var object: JSONObject = [
            "number": .integer(Int64(self.number)), "time": .string(self.time.description),
            "event": .string(self.event.rawValue),
        ]
        if let connection { object["connection"] = .integer(Int64(connection)) }
        if let chipID { object["chipId"] = .string(chipID) }
        object["message"] = self.message
        return object
    }
}
