import StationCore

/// What follows from a station's word.
struct LabVerdict {
    var answers: [JSONObject] = []
    /// An older connection of the same station, which is over now.
    var replaced: LabSession?
    /// Whether the connection is dropped when the answers are out.
    var drops = false
    var isAuthenticated = false
    /// Who it is, if it has told so believably.
    var chipID: String?

    init(_ answers: [JSONObject] = []) {
        self.answers = answers
    }

    /// A refusal as the contract has it for legacy messages.
    static func error(_ message: String, to type: String) -> LabVerdict {
        LabVerdict([["type": "error", "message": .string(message), "inReplyTo": .string(type)]])
    }
}
