import HTTPTypes
import StationCore
import StationData

extension ProvisioningRoutes {
    private static let refusals: Set<Int> = [404, 409]

    func add(to book: inout RouteBook, _ hooks: Hooks) {
        for (path, id) in [("/api/provisioning/add", "addNewDevice"), ("/provisioning/add", "addNewDeviceAtRoot")] {
            book.add(
                .post, path, by: hooks.admin,
                Operation(
                    id, .provisioning,
                    "Hands a new device its Wi-Fi and its place on the broker; progress follows live.",
                    body: .json(
                        .body(Schema.newDeviceMembers + [("wifi", Schema.wifi.nullable)], optional: Self.optional)
                    ),
                    answers: [.accepted("It is known, and its turn comes.", .addedDevice)], refusals: Self.refusals
                ),
                use: self.add
            )
        }
        book.add(
            .post, "/api/provisioning/add-many", by: hooks.admin,
            Operation(
                "addNewDevices", .provisioning, "Does that for several devices, one after the other.",
                body: .json(
                    .body(
                        [
                            ("devices", .newDevices(upTo: Self.maximumCount)),
                            ("wifi", Schema.wifi.nullable),
                        ], optional: ["wifi"]
                    )
                ),
                answers: [.accepted("What became of each.", .object([("devices", .array(.addedOrRefused))]))]
            ),
            use: self.addMany
        )
        book.add(
            .post, "/api/provisioning/identify", by: hooks.admin,
            Operation(
                "identifyNewDevice", .provisioning, "Lets a new device show itself, by a light or a sound.",
                body: .json(.body([("externalId", .externalID)])),
                answers: [.ok("It was told to.", .object([("externalId", .externalID)]))],
                refusals: Self.refusals.union([502])
            ),
            use: self.identify
        )
    }

    private static let optional: Set<String> = ["name", "zoneId", "location", "proofOfPossession", "wifi"]
}
