import HTTPTypes
import HummingbirdCore
import StationCore
import StationData

/// What an agent on the station does about firmware (contract 2, "On-station agent"): it asks what devices there are,
/// fetches images for them into the firmware directory, and tells when one is ready.
struct FirmwareAgentRoutes: Sendable {
    let hub: StationHub
    let firmware: FirmwareLibrary
    let offers: FirmwareOffers
    let address: FirmwareAddress

    func add(to book: inout RouteBook, _ hooks: Hooks) {
        book.add(
            .get, "/api/ota/device-types", by: hooks.agent,
            Operation(
                "listFirmwareTypes", .firmware, "The kinds of device that there are, with the firmware for them.",
                answers: [.ok("By type and chip.", .array(.firmwareType))]
            ),
            use: self.list
        )
        book.add(
            .post, "/api/ota/firmware-ready", by: hooks.agent,
            Operation(
                "announceFirmware", .firmware, "Registers an image in the firmware directory and offers it.",
                body: .json(.firmwareReady), answers: [.ok("It is offered.", .firmwareOffered)],
                refusals: [404, 409, 413, 503]
            ),
            use: self.announce
        )
    }

    @Sendable private func list(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        var query = try QueryReader(request)
        try query.finish()
        let kinds = FirmwareKind.all(devices: self.hub.devices(), firmwares: try await self.hub.firmwares())
        return .json(.array(kinds.map(\.json)))
    }

    @Sendable private func announce(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        var body = BodyReader(try await BodyReader.object(of: request))
        let type = body.topicName("type")
        let version = body.version("version")
        let file = body.firmwareFile("file")
        try body.finish()
        guard let type, let version, let file else { throw APIError.malformedQuery }
        let (firmware, _) = try await self.firmware.adopt(file, type: type, version: version)
        let devices = try await self.hub.devices(toOffer: firmware)
        self.offers.offer(firmware, to: devices)
        return .json([
            "firmware": firmware.json(url: try await self.address.url(of: firmware.file)),
            "offered": .integer(Int64(devices.count)),
        ])
    }
}
