import HummingbirdCore
import StationCore

/// The user's role as a member of the station is one of these; the owner of the station has the role of owner.
struct RequireStationRole: RequestHook {
    let roles: Set<UserRole>

    let refusals: Set<Int> = [403]

    init(_ roles: UserRole...) {
        self.roles = Set(roles)
    }

    func admit(_ request: Request, _ context: inout LocalAPIContext) throws {
        let user = try context.user
        guard let role = user.role == .owner ? .owner : user.stationRole, self.roles.contains(role) else {
            throw APIError.forbidden
        }
    }
}
