@testable import MQTTBridge

/// How Mosquitto's dynamic-security plugin judges by a role, as its behaviour was seen: the lines by priority, the first
/// that fits decides, and nothing is allowed without one.
struct PluginModel {
    let acls: [BrokerACL]

    init(_ acls: [BrokerACL]) {
        self.acls = acls.enumerated()
            .sorted { ($1.element.priority, $0.offset) < ($0.element.priority, $1.offset) }
            .map(\.element)
    }

    func maySend(_ topic: String) -> Bool { self.judge(.send) { Self.matches($0, topic) } }

    func mayReceive(_ topic: String) -> Bool { self.judge(.receive) { Self.matches($0, topic) } }

    func maySubscribe(_ filter: String) -> Bool {
        for acl in self.acls {
            switch acl.kind {
            case .subscribe where Self.covers(acl.topic, filter): return acl.isAllowed
            case .subscribeExactly where acl.topic == filter: return acl.isAllowed
            default: continue
            }
        }
        return false
    }

    private func judge(_ kind: BrokerACL.Kind, _ fits: (String) -> Bool) -> Bool {
        self.acls.first { $0.kind == kind && fits($0.topic) }?.isAllowed ?? false
    }

    private static func levels(_ text: String) -> [Substring] {
        text.split(separator: "/", omittingEmptySubsequences: false)
    }

    /// Unlike MQTT, wildcards at the beginning cover `$SYS` too.
    private static func matches(_ pattern: String, _ topic: String) -> Bool {
        Self.covers(Self.levels(pattern)[...], Self.levels(topic)[...])
    }

    private static func covers(_ pattern: String, _ filter: String) -> Bool {
        // A fault of the plugin.
        if pattern == "/#", filter == "#" { return true }
        return Self.covers(Self.levels(pattern)[...], Self.levels(filter)[...])
    }

    private static func covers(_ pattern: ArraySlice<Substring>, _ filter: ArraySlice<Substring>) -> Bool {
        guard let first = pattern.first else { return filter.isEmpty }
        if first == "#" { return true }
        guard let level = filter.first else { return false }
        guard level != "#", first == "+" || first == level else { return false }
        return Self.covers(pattern.dropFirst(), filter.dropFirst())
    }
}
