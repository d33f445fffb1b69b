import HummingbirdCore
import StationCore

/// The user's role on the station is one of these.
struct Authorize: RequestHook {
    let roles: Set<UserRole>

    let refusals: Set<Int> = [403]

    init(_ roles: UserRole...) {
        self.roles = Set(roles)
    }

    func admit(_ request: Request, _ context: inout LocalAPIContext) throws {
        guard self.roles.contains(try context.user.role) else { throw APIError.forbidden }
    }
}
