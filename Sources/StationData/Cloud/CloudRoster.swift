import StationCore

/// Everybody who belongs to the station through the cloud, exactly one owner among them.
public struct CloudRoster: Sendable, Equatable {
    /// `nil` leaves the station's name as it is.
    public let stationName: String?
    public let ownerID: String
    public let members: [CloudMember]

    /// A list that makes sense: nobody in it twice, and one owner.
    ///
    /// - Parameter ownerID: Who the owner is; without, it is the one member with that role.
    /// - Throws: `StoreError.invalid` for every other list, an empty one among them: it would lock everybody out.
    public init(stationName: String? = nil, ownerID: String? = nil, members: [CloudMember]) throws(StoreError) {
        guard !members.isEmpty else { throw Self.unfit("The list is empty.") }
        guard Set(members.map(\.cloudUserID)).count == members.count else {
            throw Self.unfit("The list has the same cloudUserId twice.")
        }
        guard Set(members.map(\.email)).count == members.count else {
            throw Self.unfit("The list has the same e-mail address twice.")
        }
        let owners = members.filter { $0.role == .owner }.map(\.cloudUserID)
        guard let owner = ownerID ?? owners.first, members.contains(where: { $0.cloudUserID == owner }) else {
            throw Self.unfit("The list lacks the owner.")
        }
        guard owners.allSatisfy({ $0 == owner }) else { throw Self.unfit("The list has more than one owner.") }
        self.stationName = stationName
        self.ownerID = owner
        self.members = members
    }

    func role(of member: CloudMember) -> UserRole {
        member.cloudUserID == self.ownerID ? .owner : member.role
    }

    private static func unfit(_ message: String) -> StoreError { .invalid(field: "members", message: message) }
}
