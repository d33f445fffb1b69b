import StationCore

/// Who belongs to which place, in memory: it is asked at every request and for every announcement.
struct LiveMemberships {
    private var byPlace: [PlaceID: [UserID: PlaceRole]] = [:]
    private var byUser: [UserID: Set<PlaceID>] = [:]

    init(_ memberships: [Membership] = []) {
        for membership in memberships { self.set(membership) }
    }

    func role(of user: UserID, in place: PlaceID) -> PlaceRole? {
        self.byPlace[place]?[user]
    }

    func places(of user: UserID) -> Set<PlaceID> {
        self.byUser[user] ?? []
    }

    func members(of place: PlaceID) -> [UserID] {
        self.byPlace[place].map { Array($0.keys) } ?? []
    }

    mutating func set(_ membership: Membership) {
        self.byPlace[membership.placeID, default: [:]][membership.userID] = membership.role
        self.byUser[membership.userID, default: []].insert(membership.placeID)
    }

    mutating func remove(_ user: UserID, from place: PlaceID) {
        self.byPlace[place]?[user] = nil
        self.byUser[user]?.remove(place)
        if self.byUser[user]?.isEmpty == true { self.byUser[user] = nil }
        if self.byPlace[place]?.isEmpty == true { self.byPlace[place] = nil }
    }

    mutating func remove(_ place: PlaceID) {
        for user in self.members(of: place) { self.remove(user, from: place) }
    }

    mutating func remove(_ user: UserID) {
        for place in self.places(of: user) { self.remove(user, from: place) }
    }

    /// Whose roles differ from those of another moment.
    func usersWithDifferences(from other: LiveMemberships) -> Set<UserID> {
        var users: Set<UserID> = []
        for (one, another) in [(self, other), (other, self)] {
            for (place, roles) in one.byPlace {
                for (user, role) in roles where another.role(of: user, in: place) != role { users.insert(user) }
            }
        }
        return users
    }
}
