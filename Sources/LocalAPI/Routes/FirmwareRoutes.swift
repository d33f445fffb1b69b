import HTTPTypes
import HummingbirdCore
import StationCore
import StationData

/// The images: list, upload, throw away, fetch (contract 2, "ESP32 firmware").
struct FirmwareRoutes: Sendable {
    let hub: StationHub
    let firmware: FirmwareLibrary
    let address: FirmwareAddress
    let body: ImageBody

    func add(to book: inout RouteBook, _ hooks: Hooks) {
        book.add(
            .get, "/api/firmware", by: hooks.admin,
            Operation(
                "listFirmware", .firmware, "The images that the station can give, newest first.",
                query: Operation.Parameter.window, answers: [.list("The images.", of: .firmware)]
            ),
            use: self.list
        )
        book.add(
            .post, "/api/firmware", by: hooks.owner,
            Operation(
                "uploadFirmware", .firmware, "Stores an image that devices may be given.",
                query: Self.uploadQuery, headers: [Self.checksumHeader], body: .binary,
                answers: [
                    .created("The image is stored.", .firmware),
                    .ok("The same image was there already.", .firmware),
                ],
                refusals: [408, 409, 413, 415, 422, 429, 503]
            ),
            reading: .streamed, use: self.upload
        )
        book.add(
            .delete, "/api/firmware/{id}", by: hooks.owner,
            Operation(
                "deleteFirmware", .firmware, "Throws an image away.",
                answers: [.noContent("It is gone; downloads under way are brought to their end.")], refusals: [404]
            ),
            use: self.remove
        )
        book.add(
            .get, "\(FirmwareAddress.path)/{file}", by: [],
            Operation(
                "getFirmwareImage", .firmware, "Gives an image, whole or a range of it; devices need no token for it.",
                headers: [
                    .init("Range", .string, "One range of bytes."), .init("If-Range", .string),
                    .init("If-None-Match", .string),
                ],
                answers: Self.imageAnswers, refusals: [404, 416, 503]
            ),
            use: self.image
        )
    }

    private static let uploadQuery: [Operation.Parameter] = [
        .init("type", .topicName, "The type of device that it is for.", isRequired: true),
        .init("version", .version, isRequired: true),
        .init("chip", .choice(FirmwareChip.self), "Without it the image's own word counts."),
        .init("sha256", .checksum),
    ]

    private static let checksumHeader = Operation.Parameter(
        "X-Checksum-SHA256", .checksum, "In place of the query item “sha256”."
    )

    private static let imageAnswers: [Operation.Answer] = {
        let image = Schema(["type": "string", "format": "binary"])
        return [
            Operation.Answer(
                status: .ok, description: "The image.", schema: image, mediaType: "application/octet-stream"
            ),
            Operation.Answer(
                status: .partialContent, description: "The range.", schema: image,
                mediaType: "application/octet-stream"
            ),
            Operation.Answer(status: .notModified, description: "It is what the caller has."),
        ]
    }()

    @Sendable private func list(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        var query = try QueryReader(request)
        let window = query.window()
        try query.finish()
        let firmwares = try await self.hub.firmwares()
        var items: [JSONValue] = []
        for firmware in window.cut(firmwares) {
            items.append(firmware.json(url: try await self.address.url(of: firmware.file)))
        }
        return window.response(items, total: firmwares.count)
    }

    @Sendable private func upload(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        var query = try QueryReader(request)
        let type = query.topicName("type")
        let version = query.requiredVersion("version")
        let chip = query.chip("chip")
        var checksum = query.checksum("sha256")
        if let field = request.headers[.checksumSHA256] {
            let given = FileChecksum(field)
            if given == nil || checksum != nil && checksum != given {
                query.refuse("sha256", "The header “X-Checksum-SHA256” must be \(FileChecksum.rule), as in the query.")
            }
            checksum = given
        }
        try query.finish()
        guard let type, let version else { throw APIError.malformedQuery }
        let upload = try await self.body.receive(request, into: self.firmware.directory)
        let (firmware, isNew) = try await self.firmware.add(
            upload, type: type, chip: chip, version: version, checksum: checksum
        )
        return .json(
            firmware.json(url: try await self.address.url(of: firmware.file)), status: isNew ? .created : .ok
        )
    }

    @Sendable private func remove(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        let id = try context.pathID("id", of: Firmware.self) { APIError(FirmwareError.notFound($0)) }
        try await self.firmware.remove(id)
        return Response(status: .noContent)
    }

    @Sendable private func image(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        let text = context.pathText("file")
        guard let file = FirmwareFileName(text) else { throw FirmwareError.noFile(text) }
        let (firmware, opened) = try await self.firmware.open(file)
        return try ImageResponse(firmware: firmware, file: opened).answer(to: request)
    }
}

extension HTTPField.Name {
    fileprivate static let checksumSHA256 = Self(token: "X-Checksum-SHA256")
}
