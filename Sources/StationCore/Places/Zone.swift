/// A room: a part of a place into which devices are sorted.
public struct Zone: Sendable, Hashable {
    public static let maximumNameLength = 255

    public let id: ZoneID
    public let placeID: PlaceID
    public var name: String
    public let createdAt: Timestamp
    public var updatedAt: Timestamp

    public init(id: ZoneID, placeID: PlaceID, name: String, createdAt: Timestamp, updatedAt: Timestamp? = nil) {
        self.id = id
        self.placeID = placeID
        self.name = name
        self.createdAt = createdAt
        self.updatedAt = updatedAt ?? createdAt
    }
}
