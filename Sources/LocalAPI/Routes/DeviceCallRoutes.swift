import HTTPTypes
import HummingbirdCore
import NIOCore
import StationCore
import StationData

/// What devices ask and report over HTTP (contract 2, "ESP32 firmware"): the update for them, how it goes, and what they
/// otherwise say over MQTT.
struct DeviceCallRoutes: Sendable {
    let hub: StationHub
    let address: FirmwareAddress

    func add(to book: inout RouteBook, _ hooks: Hooks) {
        book.add(
            .get, "/api/ota/check", by: hooks.device,
            Operation(
                "checkForUpdate", .firmware, "Tells a device whether there is newer firmware for it.",
                query: [
                    .init("device_id", .string, "Its id, or its name on the broker.", isRequired: true),
                    .init("device_type", .string), .init("chip", .string), .init("current_version", .version),
                ],
                answers: [.ok("The update, if there is one.", .update)], refusals: [403]
            ),
            use: self.check
        )
        book.add(
            .post, "/api/ota/report", by: hooks.device,
            Operation(
                "reportUpdate", .firmware, "Takes up how far a device has come with an update.",
                body: .json(.updateReport),
                answers: [.ok("It is noted.", .success)], refusals: [403, 404, 429]
            ),
            use: self.report
        )
        book.add(
            .post, "/api/device/events", by: hooks.device,
            Operation(
                "reportEvent", .devices, "Takes up an event of a device, as over MQTT.",
                body: .json(.deviceEventReport),
                answers: [.accepted("It is taken up.", .success)]
            ),
            use: self.event
        )
        book.add(
            .post, "/api/device/state", by: hooks.device,
            Operation(
                "reportState", .devices, "Takes up the state of a device, as over MQTT.",
                body: .json(.deviceStateReport),
                answers: [.accepted("It is taken up.", .success)]
            ),
            use: self.state
        )
    }

    // MARK: Updates

    @Sendable private func check(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        let device = try self.device(of: context)
        var query = try QueryReader(request)
        let id = query.required("device_id")
        let type = query.text("device_type", maximumLength: 64)
        let chip = query.text("chip", maximumLength: 64)
        let version = query.version("current_version")
        try query.finish()
        try Self.check(id ?? "", isOf: device)
        // A device that is not what the station takes it for gets nothing: the wrong image would make it useless.
        let isItself = device.type == nil || type == nil || device.type == type
        let running = RunningFirmware(
            type: device.type ?? type, chip: chip ?? device.chip,
            version: version?.description ?? device.firmwareVersion
        )
        guard isItself, let running, let firmware = try await self.hub.update(of: device.id, running: running) else {
            return .json(["updateAvailable": false])
        }
        return .json([
            "updateAvailable": true,
            "version": .string(firmware.version.description),
            "downloadUrl": .string(try await self.address.url(of: firmware.file)),
            "firmwareId": .string(firmware.id.description),
            "checksum": .string(firmware.checksum.description),
            "size": .integer(Int64(firmware.size)),
        ])
    }

    @Sendable private func report(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        let device = try self.device(of: context)
        let object = try await self.payload(of: request)
        // Firmware in the field may say more than is wanted here.
        let members = ["deviceId", "firmwareId", "status", "error"].compactMap { key in object[key].map { (key, $0) } }
        var body = BodyReader(members.reduce(into: JSONObject()) { $0[$1.0] = $1.1 })
        let id = body.text("deviceId", .required)
        let firmwareID = body.identifier("firmwareId", of: Firmware.self, .required)
        let status = body.updateStatus("status")
        let error = body.text("error", .optional)
        try body.finish()
        try Self.check(id ?? "", isOf: device)
        if let firmwareID, let status {
            try await self.hub.noteUpdate(status, error: error, with: firmwareID, of: device.id)
        }
        return .json(["success": true])
    }

    // MARK: Reports

    @Sendable private func event(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        try await self.take(request, context, SmartHomePayload.event)
    }

    @Sendable private func state(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        try await self.take(request, context, SmartHomePayload.state)
    }

    /// Takes up a report on the way that the broker's take.
    private func take(
        _ request: Request, _ context: LocalAPIContext,
        _ read: (JSONObject) throws(PayloadFault) -> DeviceReport.Content
    ) async throws -> Response {
        let device = try self.device(of: context)
        let object = try await self.payload(of: request)
        let content: DeviceReport.Content
        do throws(PayloadFault) {
            content = try read(object)
        } catch {
            throw APIError.invalidFields([FieldFault(.body, error.field, .type, "\(error).")])
        }
        // Nobody answers a handshake here, so there is none.
        _ = await self.hub.ingest([DeviceReport(sender: device.externalID, address: nil, content: content)])
        return .json(["success": true], status: .accepted)
    }

    // MARK: Who and what

    private func device(of context: LocalAPIContext) throws -> Device {
        let id = try context.callingDevice
        guard let device = self.hub.device(id) else { throw APIError.deviceNotFound(id.description) }
        return device
    }

    /// - Throws: `APIError.otherDevice` unless the text is the device's id or its name on the broker.
    private static func check(_ text: String, isOf device: Device) throws(APIError) {
        guard text == device.externalID.description || DeviceID(text) == device.id else { throw .otherDevice }
    }

    /// The JSON object that a device sends; whatever it calls it, because firmware does not always say.
    private func payload(of request: Request) async throws -> JSONObject {
        let body = try await request.body.collect(upTo: .max)
        guard body.readableBytes <= DeviceReport.maximumPayload else {
            throw APIError.bodyTooLarge(DeviceReport.maximumPayload)
        }
        return try BodyReader.object(in: Array(body.readableBytesView))
    }
}
