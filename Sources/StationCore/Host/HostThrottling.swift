/// What a Raspberry Pi's firmware says about its power and its heat (`get_throttled`).
public struct HostThrottling: Sendable, Hashable {
    public enum Condition: String, Sendable, Hashable, CaseIterable {
        case underVoltage, frequencyCapped, throttled, softTemperatureLimit

        fileprivate var bit: UInt32 {
            switch self {
            case .underVoltage: 1 << 0
            case .frequencyCapped: 1 << 1
            case .throttled: 1 << 2
            case .softTemperatureLimit: 1 << 3
            }
        }
    }

    /// The firmware's word: four bits for now, and the same four, sixteen higher, for since the start.
    public let flags: UInt32

    public init(flags: UInt32) {
        self.flags = flags
    }

    /// What is so now.
    public var now: [Condition] { Condition.allCases.filter { self.flags & $0.bit != 0 } }
    /// What was so at some time since the host started.
    public var sinceStart: [Condition] { Condition.allCases.filter { self.flags & ($0.bit << 16) != 0 } }
}
