import StationCore
import Testing

/// Checks what some rights allow, row by row.
enum RightsTable {
    /// Texts that are no topic and no filter, whoever asks.
    static let invalidEverywhere = [
        "", "\0", "a\0b", "a+", "+a", "a/b+/c", "a#", "a/#/b", "#/a", "##", String(repeating: "x", count: 65_536),
    ]
    /// Filters, but no topics.
    static let wildcards = ["#", "+", "+/x", "a/#", "station/+/device/d1/state", "station/s1/device/d1/#"]
    static let brokenShares = [
        "$share/", "$share/g", "$share/g/", "$share//a", "$share/+/a", "$share/#", "$share/g/a+",
    ]
    /// What only the agent touches.
    static let foreign = [
        "$SYS/broker/uptime", "$CONTROL/dynamic-security/v1", "$CONTROL/dynamic-security/v1/response", "$share",
        "celine/telemetry", "station", "/", "{}", "*", "?", "{station,x}/s1/device/d1/state",
    ]
    /// What would be a device's if these characters were wildcards.
    static let plain = ["station/s1/device/*/state", "station/s1/device/?1/state", "station/s1/device/{d1}/state"]
    /// Filters wider than anybody's rights.
    static let tooWide = [
        "#", "+", "+/x", "+/#", "/#", "$SYS/#", "$SYS/+", "$CONTROL/#", "$CONTROL/dynamic-security/#", "$share/g/#",
        "$share/g/$CONTROL/#", "+/+/device/d1/command", "+/s1/#", "station/#", "station/+/#", "station/+/+/d1/#",
        "$share/g/station/#", "$queue/station/+/device/d1/command",
    ]

    static func expect(
        _ rights: BrokerRights, _ action: BrokerAction, allows allowed: [String], denies denied: [String],
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        for topic in allowed {
            let decision = rights.decide(action, topic)
            #expect(decision == .allowed, "\(action) \(topic)", sourceLocation: sourceLocation)
        }
        for topic in denied {
            let decision = rights.decide(action, topic)
            #expect(decision == .denied("not allowed"), "\(action) \(topic)", sourceLocation: sourceLocation)
        }
    }
}
