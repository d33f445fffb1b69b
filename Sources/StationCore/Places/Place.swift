/// The unit of membership and isolation: a home, a flat, a tenant (contract 2, "Places").
public struct Place: Sendable, Hashable {
    public static let maximumNameLength = 255
    public static let maximumDescriptionLength = 1000

    public let id: PlaceID
    public var name: String
    public var description: String
    /// The one that exists from the first start; it cannot be deleted.
    public let isDefault: Bool
    public let createdAt: Timestamp
    public var updatedAt: Timestamp

    public init(
        id: PlaceID, name: String, description: String = "", isDefault: Bool = false, createdAt: Timestamp,
        updatedAt: Timestamp? = nil
    ) {
        self.id = id
        self.name = name
        self.description = description
        self.isDefault = isDefault
        self.createdAt = createdAt
        self.updatedAt = updatedAt ?? createdAt
    }
}
