/// One thing that a device said, in the words of the domain, whatever dialect it came in.
public struct DeviceReport: Sendable, Hashable {
    /// In bytes of JSON; larger ones are not taken up (contract 1, rule 7).
    public static let maximumPayload = 65_536

    public enum Content: Sendable, Hashable {
        case handshake(Handshake)
        /// A patch of its state; `null` removes a key. The time is the device's own claim.
        case state(JSONObject, measuredAt: Timestamp?)
        case event(DeviceEventKind, data: JSONObject)
        case heartbeat
        /// The broker speaks for a device whose connection broke (or the device says good-bye itself).
        case lastWill
    }

    /// The name in the topic: an external id, or in dialects that say so the device's own id.
    public let sender: ExternalID
    /// Where it spoke on the broker; `nil` for what came another way, which does not change where it is commanded.
    public let address: DeviceAddress?
    public let content: Content
    /// Replayed by the broker after our subscribe: neither a transition nor a sign of life (contract 1, rule 12).
    public let isRetained: Bool

    public init(sender: ExternalID, address: DeviceAddress?, content: Content, isRetained: Bool = false) {
        self.sender = sender
        self.address = address
        self.content = content
        self.isRetained = isRetained
    }
}

/// What a device says about itself when it connects.
public struct Handshake: Sendable, Hashable {
    public let type: String?
    public let firmwareVersion: String?
    public let chip: String?
    public let kitTag: String?

    public init(type: String?, firmwareVersion: String?, chip: String?, kitTag: String?) {
        self.type = type
        self.firmwareVersion = firmwareVersion
        self.chip = chip
        self.kitTag = kitTag
    }
}

/// The two kinds of event that firmware sends.
public enum DeviceEventKind: String, Sendable, Hashable {
    case deviceEvent = "device_event"
    case userEvent = "user_event"
}
