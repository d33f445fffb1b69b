import StationCore
import StationData

/// The shapes of the routes by which new devices are added (contract 5).
extension Schema {
    /// In bytes the name may have 32.
    static let ssid = Schema.text(1...WiFiCredentials.maximumSSIDLength)

    static let wifiPassword = Schema.pattern("^([^\\u0000-\\u001f\\u007f]{8,63}|[0-9A-Fa-f]{64})?$")
        .described("It has \(WiFiCredentials.passwordRule).")

    static let wifi = Schema.body([("ssid", .ssid), ("password", .wifiPassword)])

    static let newDeviceMembers: [(String, Schema)] = [
        ("externalId", .externalID), ("name", Schema.name(upTo: StationHub.maximumNameLength).nullable),
        ("zoneId", .uuid.nullable), ("location", Schema.name(upTo: Zone.maximumNameLength).nullable),
        ("proofOfPossession", Schema.text(1...ProvisioningWish.maximumProofLength).nullable),
    ]

    static func newDevices(upTo count: Int) -> Schema {
        var schema = Schema.array(
            .body(Self.newDeviceMembers, optional: ["name", "zoneId", "location", "proofOfPossession"])
        )
        schema.json["minItems"] = 1
        schema.json["maxItems"] = .integer(Int64(count))
        return schema
    }

    static let addedDevice = Schema.object([("deviceId", .uuid), ("externalId", .externalID)])

    static let addedOrRefused = Schema.object(
        [
            ("externalId", .externalID), ("deviceId", .uuid),
            ("error", .object([("code", .string), ("message", .string)])),
        ], optional: ["deviceId", "error"]
    )
}
