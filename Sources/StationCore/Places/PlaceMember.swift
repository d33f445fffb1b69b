/// Somebody who belongs to a place.
public struct PlaceMember: Sendable, Hashable {
    public let placeID: PlaceID
    public let userID: UserID
    public let role: PlaceRole
    /// What the user is called; the e-mail address where no name was given.
    public let userName: String
    public let email: String

    public init(placeID: PlaceID, userID: UserID, role: PlaceRole, userName: String, email: String) {
        self.placeID = placeID
        self.userID = userID
        self.role = role
        self.userName = userName
        self.email = email
    }
}
