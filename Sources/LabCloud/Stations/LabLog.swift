import DequeModule
import StationCore

/// The newest entries of the log.
struct LabLog {
    /// A longer text is not kept, only its length.
    static let textLimit = 16 * 1024
    private static let secretKeys: Set<String> = [
        "stationToken", "claimSecret", "stationPasswordHash", "token", "password", "secret",
    ]

    private let capacity: Int
    private var entries: Deque<LabLogEntry> = []
    private var lastNumber = 0

    init(capacity: Int) {
        self.capacity = max(1, capacity)
    }

    mutating func append(
        _ event: LabLogEntry.Event, _ message: JSONValue, connection: Int?, chipID: String?, at time: Timestamp
    ) {
        self.lastNumber += 1
        if self.entries.count == self.capacity { self.entries.removeFirst() }
        self.entries.append(
            LabLogEntry(
                number: self.lastNumber, time: time, connection: connection, chipID: chipID, event: event,
                message: Self.blotted(message)
            )
        )
    }

    /// The oldest `limit` entries after one.
    func after(_ number: Int, chipID: String?, limit: Int) -> [LabLogEntry] {
        guard let first = self.entries.first?.number else { return [] }
        let start = min(max(0, number - first + 1), self.entries.count)
        var found: [LabLogEntry] = []
        for entry in self.entries[start...] where chipID == nil || entry.chipID == chipID {
            guard found.count < limit else { break }
            found.append(entry)
        }
        return found
    }

    /// A text as it is logged: as JSON where it is some.
    static func message(of text: String) -> JSONValue {
        let size = text.utf8.count
        guard size <= Self.textLimit else { return .string("\(size) bytes") }
        do {
            return try JSONValue.parse(text)
        } catch {
            return .string(text)
        }
    }

    private static func blotted(_ value: JSONValue) -> JSONValue {
        switch value {
        case .object(let object):
            var blotted = JSONObject()
            for member in object.members {
                blotted[member.key] = Self.secretKeys.contains(member.key) ? "•••" : Self.blotted(member.value)
            }
            return .object(blotted)
        case .array(let elements): return .array(elements.map(Self.blotted))
        default: return value
        }
    }
}
