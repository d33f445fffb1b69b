import StationCore
import StationData

/// What one person may see and do in each place: the rules behind the hooks, the lists and the live views.
struct PlaceAccess: Sendable {
    let user: User
    let hub: StationHub

    /// Owner and admins of the station are owner of every place; its other members look on in the default place, which
    /// is the household's own.
    func role(in place: PlaceID) -> PlaceRole? {
        if self.user.ownsEveryPlace { return .owner }
        if let role = self.hub.placeRole(of: self.user.id, in: place) { return role }
        return self.belongsToDefault(place) ? .viewer : nil
    }

    /// The places that the person sees; `nil` for all of them.
    var visiblePlaces: Set<PlaceID>? { self.hub.visiblePlaces(of: self.user) }

    func sees(_ place: PlaceID) -> Bool { self.role(in: place) != nil }

    func manages(_ place: PlaceID) -> Bool { self.role(in: place)?.mayManage ?? false }

    /// Whoever lives in the household switches its lights; whoever was invited to a place as viewer only looks on.
    func mayCommand(in place: PlaceID) -> Bool {
        if self.manages(place) { return true }
        return self.belongsToDefault(place) && self.hub.placeRole(of: self.user.id, in: place) == nil
    }

    private func belongsToDefault(_ place: PlaceID) -> Bool {
        place == self.hub.defaultPlaceID && self.user.stationRole != nil
    }

    /// A device that the person sees.
    ///
    /// - Throws: `APIError.deviceNotFound`, whether there is none or it is nobody else's business.
    func device(_ id: DeviceID) throws(APIError) -> Device {
        guard let device = self.hub.device(id), self.sees(device.placeID) else {
            throw APIError.deviceNotFound(id.description)
        }
        return device
    }
}
