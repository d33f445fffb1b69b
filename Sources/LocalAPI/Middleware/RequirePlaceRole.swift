import HummingbirdCore
import StationCore
import StationData

/// The user's role in the place that the path names as `{place}` is one of these. A stranger is refused alike whether or
/// not there is such a place.
struct RequirePlaceRole: RequestHook {
    let hub: StationHub
    let roles: Set<PlaceRole>

    let refusals: Set<Int> = [403]

    init(_ hub: StationHub, _ roles: [PlaceRole]) {
        self.hub = hub
        self.roles = Set(roles)
    }

    func admit(_ request: Request, _ context: inout LocalAPIContext) throws {
        let access = PlaceAccess(user: try context.user, hub: self.hub)
        guard let place = try? context.pathID("place", of: Place.self, orElse: APIError.placeNotFound) else {
            // Whoever owns every place is told that there is none of that name.
            throw access.user.ownsEveryPlace ? APIError.placeNotFound(context.pathText("place")) : APIError.forbidden
        }
        guard let role = access.role(in: place), self.roles.contains(role) else { throw APIError.forbidden }
    }
}
