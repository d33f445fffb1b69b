import StationCore

extension Schema {
    static let firmware = Schema.object([
        ("id", .uuid), ("type", .string), ("chip", .choice(FirmwareChip.self)), ("version", .version),
        ("file", .firmwareFile), ("size", .integer(1...Int64(FirmwareImageHeader.maximumImageSize))),
        ("checksum", .checksum), ("url", .string), ("createdAt", .time),
    ]).named("Firmware")

    /// As `SemanticVersion` reads it.
    static let version: Schema = {
        let part = "[0-9A-Za-z\\-]+(\\.[0-9A-Za-z\\-]+)*"
        var schema = Schema.pattern("^[vV]?[0-9]+(\\.[0-9]+)*(-\(part))?(\\+\(part))?$")
        schema.json["maxLength"] = .integer(Int64(SemanticVersion.maximumLength))
        return schema
    }()

    static let checksum = Schema.pattern("^([sS][hH][aA]256:)?[0-9A-Fa-f]{64}$")

    static let firmwareFile = Schema.pattern("^[A-Za-z0-9_@+\\-][A-Za-z0-9_.@+\\-]{0,127}$")

    static let topicName = Schema.pattern("^[A-Za-z0-9_.\\-]{1,64}$")

    /// The answer to a device that asks for an update; without one only the first member.
    static let update = Schema.object(
        [
            ("updateAvailable", .boolean), ("version", .version), ("downloadUrl", .string), ("firmwareId", .uuid),
            ("checksum", .checksum), ("size", .integer),
        ],
        optional: ["version", "downloadUrl", "firmwareId", "checksum", "size"]
    ).named("Update")

    static let updateReport = Schema.object(
        [
            ("deviceId", .string.described("Its id, or its name on the broker.")), ("firmwareId", .uuid),
            ("status", .choice(UpdateStatus.self)), ("error", .string.nullable),
        ],
        optional: ["error"]
    ).named("UpdateReport")

    static let deviceEventReport = Schema.object(
        [("event", .choice(["device_event", "user_event"])), ("data", .anyObject.nullable)], optional: ["data"]
    ).named("DeviceEventReport")

    static let deviceStateReport = Schema.object(
        [("state", .anyObject), ("timestamp", .time.nullable)], optional: ["timestamp"]
    ).named("DeviceStateReport")

    static let firmwareType = Schema.object([
        ("type", .string), ("chip", .choice(FirmwareChip.self).nullable), ("devices", .integer),
        ("cachedVersion", .version.nullable), ("cachedVersions", .array(.version)),
    ]).named("FirmwareType")

    static let firmwareReady = Schema.body([
        ("type", .topicName), ("version", .version), ("file", .firmwareFile),
    ])

    static let firmwareOffered = Schema.object([
        ("firmware", .firmware), ("offered", .integer.described("To how many devices that are online.")),
    ])
}
