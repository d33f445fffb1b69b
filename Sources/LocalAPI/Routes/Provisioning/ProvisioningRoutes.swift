import HTTPTypes
import HummingbirdCore
import StationCore
import StationData

/// Adding factory-new devices (contract 5, `POST /api/provisioning/add`). What becomes of one that was added is told over
/// the WebSocket.
struct ProvisioningRoutes: Sendable {
    /// So many are added with one request at most.
    static let maximumCount = ProvisioningCandidate.maximumCount

    let provisioning: any DeviceProvisioning
    let hub: StationHub
    let wifi: WiFiSource

    init(
        provisioning: any DeviceProvisioning, hub: StationHub,
        configuredWiFi: @escaping @Sendable () -> WiFiCredentials?
    ) {
        self.provisioning = provisioning
        self.hub = hub
        self.wifi = WiFiSource(hub: hub, configured: configuredWiFi)
    }

    @Sendable func add(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        var body = BodyReader(try await BodyReader.object(of: request))
        var given: JSONValue?
        let wish = try ProvisioningWish(&body) { given = $0.value("wifi", .optional) }
        let wifi = try WiFiSource.read(given)
        try self.demandCandidate(wish.externalID)
        let added = try await self.add(wish, self.wifi.credentials(given: wifi))
        return .json(
            ["deviceId": .string(added.deviceID.description), "externalId": .string(added.externalID.description)],
            status: .accepted
        )
    }

    @Sendable func addMany(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        var body = BodyReader(try await BodyReader.object(of: request))
        let devices = body.value("devices", .required)
        if let devices, !(1...Self.maximumCount).contains(devices.arrayValue?.count ?? 0) {
            body.refuse("devices", "“devices” must be a list of 1–\(Self.maximumCount) devices.")
        }
        let given = body.value("wifi", .optional)
        try body.finish()
        let wishes = try (devices?.arrayValue ?? []).enumerated().map { try Self.wish($0.element, at: $0.offset) }
        let named = try WiFiSource.read(given)
        try self.demandAdapter()
        let wifi = try await self.wifi.credentials(given: named)
        var results: [JSONValue] = []
        for wish in wishes { results.append(await self.result(of: wish, wifi)) }
        return .json(["devices": .array(results)], status: .accepted)
    }

    private static func wish(_ json: JSONValue, at index: Int) throws(APIError) -> ProvisioningWish {
        let place = "devices[\(index)]"
        guard let object = json.objectValue else {
            throw APIError.invalidFields([
                FieldFault(.body, place, .type, "“\(place)” is \(json.kind); it must be an object.")
            ])
        }
        var body = BodyReader(object)
        do throws(APIError) {
            return try ProvisioningWish(&body)
        } catch {
            throw APIError.invalidFields(
                error.faults.map { fault in
                    FieldFault(.body, "\(place).\(fault.field)", fault.kind, "In “\(place)”: \(fault.message)")
                }
            )
        }
    }

    /// One that is refused keeps the others from nothing.
    private func result(of wish: ProvisioningWish, _ wifi: WiFiCredentials) async -> JSONValue {
        var json: JSONObject = ["externalId": .string(wish.externalID.description)]
        do {
            json["deviceId"] = .string(try await self.add(wish, wifi).deviceID.description)
        } catch {
            let error = APIError(error)
            json["error"] = ["code": .string(error.code), "message": .string(error.message)]
        }
        return .object(json)
    }

    private func add(
        _ wish: ProvisioningWish, _ wifi: WiFiCredentials
    ) async throws -> (deviceID: DeviceID, externalID: ExternalID) {
        // Before a room is made for it.
        try self.demandCandidate(wish.externalID)
        let zone = try await self.zone(of: wish)
        let request = ProvisioningRequest(
            externalID: wish.externalID, name: wish.name, placeID: zone?.placeID, zoneID: zone?.id, wifi: wifi,
            proofOfPossession: wish.proofOfPossession
        )
        do throws(ProvisioningRefusal) {
            return try await self.provisioning.add(request)
        } catch {
            // Its cause is for the log, as of every access to the store.
            if case .store(let cause) = error { throw cause }
            throw error
        }
    }

    private func demandAdapter() throws(APIError) {
        guard self.provisioning.adapter == .ready else { throw APIError(self.provisioning.adapter) }
    }

    private func demandCandidate(_ id: ExternalID) throws(APIError) {
        try self.demandAdapter()
        guard self.provisioning.candidates.contains(where: { $0.externalID == id }) else {
            throw APIError.candidateNotFound(id)
        }
    }

    /// The room for a new device. One that is known stays where it is.
    private func zone(of wish: ProvisioningWish) async throws -> Zone? {
        guard self.hub.device(named: wish.externalID) == nil else { return nil }
        let zones = try await self.hub.zones()
        if let id = wish.zoneID {
            guard let zone = zones.first(where: { $0.id == id }) else {
                throw APIError.invalidFields([FieldFault(.body, "zoneId", .value, "There is no room “\(id)”.")])
            }
            return zone
        }
        guard let location = wish.location else { return nil }
        let known = zones.first { zone in
            zone.placeID == self.hub.defaultPlaceID && zone.name.lowercased() == location.lowercased()
        }
        if let known { return known }
        return try await self.hub.addZone(name: location)
    }

    @Sendable func identify(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        var body = BodyReader(try await BodyReader.object(of: request))
        let id = body.externalID("externalId", .required)
        try body.finish()
        guard let id else { throw APIError.malformedQuery }
        try self.demandAdapter()
        try await self.provisioning.identify(id)
        return .json(["externalId": .string(id.description)])
    }
}
