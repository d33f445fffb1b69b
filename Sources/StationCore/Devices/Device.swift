/// A device as the station knows it: who it is, where it belongs, what it last said (contract 2, "Shapes").
public struct Device: Sendable, Hashable {
    public let id: DeviceID
    public let externalID: ExternalID
    public var name: String
    /// The id of a `DeviceType`; `nil` until the first handshake, when it was not given at creation.
    public var type: String?
    public var placeID: PlaceID
    public var zoneID: ZoneID?
    public var status: DeviceStatus
    /// Why it is not online; `nil` while it is.
    public var statusReason: StatusReason?
    /// Everything it ever reported, merged key by key.
    public var lastKnownState: JSONObject
    /// When anything at all was last heard from it.
    public var lastSeenAt: Timestamp?
    public var lastHeartbeatAt: Timestamp?
    public var firmwareVersion: String?
    public var chip: String?
    public var kitTag: String?
    /// Where it last spoke; `nil` for one never heard from.
    public var address: DeviceAddress?
    public let createdAt: Timestamp
    /// When something about it was last changed by somebody or by a handshake; reports do not move it.
    public var updatedAt: Timestamp

    public init(
        id: DeviceID, externalID: ExternalID, name: String, type: String?, placeID: PlaceID, zoneID: ZoneID? = nil,
        status: DeviceStatus = .offline, statusReason: StatusReason? = .neverSeen, createdAt: Timestamp
    ) {
        self.id = id
        self.externalID = externalID
        self.name = name
        self.type = type
        self.placeID = placeID
        self.zoneID = zoneID
        self.status = status
        self.statusReason = statusReason
        self.lastKnownState = JSONObject()
        self.createdAt = createdAt
        self.updatedAt = createdAt
    }
}
