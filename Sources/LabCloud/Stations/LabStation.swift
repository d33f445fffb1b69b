public import StationCore

/// What the lab cloud knows of one station.
public struct LabStation: Sendable, Hashable {
    /// Where it is just now.
    public enum Presence: String, Sendable, Hashable {
        case absent
        /// It has sent its claim handshake and waits for an owner.
        case waiting
        case authenticated
    }

    /// As the station calls itself.
    public let chipID: String
    public internal(set) var presence = Presence.absent
    /// Whether it has a token that counts.
    public internal(set) var isClaimed = false
    /// How often it has sent a claim handshake.
    public internal(set) var handshakes = 0
    /// How often it was let in.
    public internal(set) var authentications = 0
    /// How often its token was refused.
    public internal(set) var refusals = 0
    /// What it has told, by method.
    public internal(set) var notifications: [String: Int] = [:]
    /// How many notifications carried an event id that had come before: delivery is at least once (contract 4).
    public internal(set) var duplicates = 0
    /// How many event ids were acknowledged.
    public internal(set) var acknowledged = 0
    /// How many legacy messages it has refused with `{"type":"error"}`.
    public internal(set) var errors = 0

    init(chipID: String) {
        self.chipID = chipID
    }

    /// As `GET /lab/stations` shows it.
    public var json: JSONObject {
        var counts = JSONObject()
        for (method, count) in self.notifications.sorted(by: { $0.key < $1.key }) {
            counts[method] = .integer(Int64(count))
        }
        return [
            "chipId": .string(self.chipID), "state": .string(self.presence.rawValue),
            "claimed": .bool(self.isClaimed), "handshakes": .integer(Int64(self.handshakes)),
            "authentications": .integer(Int64(self.authentications)), "refusals": .integer(Int64(self.refusals)),
            "notifications": .object(counts), "duplicates": .integer(Int64(self.duplicates)),
            "acknowledged": .integer(Int64(self.acknowledged)), "errors": .integer(Int64(self.errors)),
        ]
    }
}
