/// What a state report changes. Pure: the same state and report give the same answer.
public struct DeviceReducer: Sendable {
    /// More keys than any device has; what a broken or hostile one sends beyond them is left out.
    public static let maximumKeys = 128
    public static let maximumKeyLength = 64

    /// The outcome of one report.
    public struct Change: Sendable, Hashable {
        public var state: JSONObject
        public var transitions: [Transition] = []
        public var readings: [Reading] = []
        /// Keys that were left out because they are too long or too many.
        public var droppedKeys = 0
    }

    /// A boolean capability that changed from one value to the other.
    public struct Transition: Sendable, Hashable {
        public let key: String
        public let old: Bool
        public let new: Bool
    }

    /// A number for the history.
    public struct Reading: Sendable, Hashable {
        public let key: String
        public let value: Double
    }

    public init() {}

    /// Merges a patch into a state (contract 1, rules 4 and 12).
    ///
    /// - Parameters:
    ///   - type: The device's type; numbers of a device without a known type all become readings, since nothing says
    ///     which of them matter.
    ///   - isRetained: A replay refreshes the state and does nothing else: when it was measured is not known.
    public func reduce(
        _ state: JSONObject, with patch: JSONObject, type: DeviceType?, isRetained: Bool
    ) -> Change {
        var change = Change(state: state)
        for member in patch.members {
            if member.value == .null {
                change.state[member.key] = nil
                continue
            }
            let old = change.state[member.key]
            guard
                old != nil
                    || (change.state.count < Self.maximumKeys && member.key.utf8.count <= Self.maximumKeyLength)
            else {
                change.droppedKeys += 1
                continue
            }
            change.state[member.key] = member.value
            guard !isRetained else { continue }
            if let value = member.value.doubleValue {
                if type == nil || type?.capability(member.key)?.valueType == .number {
                    change.readings.append(Reading(key: member.key, value: value))
                }
            } else if case .bool(let new) = member.value, case .bool(let before)? = old, before != new,
                type?.capability(member.key)?.valueType == .boolean
            {
                change.transitions.append(Transition(key: member.key, old: before, new: new))
            }
        }
        return change
    }
}
