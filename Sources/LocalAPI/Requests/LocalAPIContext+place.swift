import StationCore
import StationData

extension LocalAPIContext {
    /// The place of the path, which a hook has let the caller into.
    var placeID: PlaceID {
        get throws(APIError) { try self.pathID("place", of: Place.self, orElse: APIError.placeNotFound) }
    }

    /// What the caller is in the place of the path.
    func placeRole(_ hub: StationHub) throws(APIError) -> PlaceRole {
        guard let role = try self.access(hub).role(in: self.placeID) else { throw APIError.forbidden }
        return role
    }

    /// The device of the path, if it belongs to the place of the path.
    func placeDevice(_ hub: StationHub) throws -> Device {
        try hub.device(self.pathID("device", of: Device.self, orElse: APIError.deviceNotFound), in: self.placeID)
    }

    func sensorID() throws(APIError) -> SensorID {
        try self.pathID("sensor", of: Sensor.self, orElse: APIError.notFound(.sensor))
    }
}

extension APIError {
    /// For a parameter of the path that is no id of such a thing.
    static func notFound(_ missing: StoreError.Missing) -> (String) -> APIError {
        { APIError(StoreError.notFound(missing, id: $0)) }
    }
}
