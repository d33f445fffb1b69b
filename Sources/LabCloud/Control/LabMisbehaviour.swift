import StationCore
import StationSocket

/// What `POST /lab/misbehave` asks for.
enum LabMisbehaviour: Sendable, Hashable {
    case strike(LabStrike)
    case habits(LabHabits)

    private static let sizeLimit: Int64 = 8 << 20
    /// All kinds there are, for whoever names another.
    static let kinds = [
        "none", "drop", "close", "garbage", "binary", "oversize", "hang", "refuse", "silent", "slow", "wrongToken",
        "halfOpen", "neverAck", "dropAfterAuth", "garbled",
    ]

    /// - Throws: `LabError.invalid`.
    init(_ request: JSONObject) throws(LabError) {
        let kind = request["kind"]?.stringValue ?? ""
        guard Self.kinds.contains(kind) else {
            throw .invalid("kind must be one of \(Self.kinds.joined(separator: ", "))")
        }
        if let strike = try Self.strike(kind, request) {
            self = .strike(strike)
        } else {
            self = .habits(try Self.habits(kind, request))
        }
    }

    private static func strike(_ kind: String, _ request: JSONObject) throws(LabError) -> LabStrike? {
        switch kind {
        case "drop": return .drop
        case "close":
            let code = SocketCloseCode(rawValue: UInt16(try self.integer(request, "code", 1001, in: 1000...4999)))
            guard code.isSendable else { throw .invalid("\(code) cannot be sent in a Close") }
            return .close(code)
        case "garbage": return .text(request["text"]?.stringValue ?? "{\"no json")
        case "binary": return .binary(try self.integer(request, "bytes", 16, in: 0...Self.sizeLimit))
        case "oversize": return .flood(try self.integer(request, "bytes", (1 << 20) + 1, in: 0...Self.sizeLimit))
        default: return nil
        }
    }

    private static func habits(_ kind: String, _ request: JSONObject) throws(LabError) -> LabHabits {
        var habits = LabHabits()
        switch kind {
        case "hang": habits.hangs = true
        case "refuse": habits.refusal = try self.integer(request, "status", 503, in: 400...599)
        case "silent": habits.isSilent = true
        case "slow":
            guard let seconds = (request["seconds"] ?? 1).doubleValue, (0...3_600).contains(seconds) else {
                throw .invalid("seconds must be a number up to 3600")
            }
            habits.delay = .milliseconds(Int64(seconds * 1_000))
        case "wrongToken":
            let answer = request["answer"]?.stringValue ?? "auth_failed"
            guard ["auth_failed", "token_invalid"].contains(answer) else {
                throw .invalid("answer must be auth_failed or token_invalid")
            }
            habits.tokenAnswer = answer
        case "halfOpen": habits.isHalfOpen = true
        case "neverAck": habits.acknowledges = false
        case "dropAfterAuth": habits.dropsAfterConsent = true
        case "garbled": habits.isGarbled = true
        default: break
        }
        return habits
    }

    private static func integer(
        _ request: JSONObject, _ key: String, _ usual: Int64, in range: ClosedRange<Int64>
    ) throws(LabError) -> Int {
        guard case .integer(let value) = request[key] ?? .integer(usual), range.contains(value) else {
            throw .invalid("\(key) must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return Int(value)
    }
}
