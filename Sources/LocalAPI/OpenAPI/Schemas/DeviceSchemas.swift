import StationCore
import StationData

extension Schema {
    /// The shapes of contract 2, "Shapes".
    static let device = Schema.object([
        ("id", .uuid), ("externalId", .externalID), ("name", .string), ("type", .string.nullable), ("placeId", .uuid),
        ("zoneId", .uuid.nullable), ("status", .choice(DeviceStatus.self)),
        ("statusReason", .choice(StatusReason.self).nullable), ("lastKnownState", .anyObject),
        ("lastSeenAt", .time.nullable), ("lastHeartbeatAt", .time.nullable), ("firmwareVersion", .string.nullable),
        ("chip", .string.nullable), ("kitTag", .string.nullable), ("createdAt", .time), ("updatedAt", .time),
    ]).named("Device")

    static let externalID = Schema.pattern("^[A-Za-z0-9_.\\-]{1,64}$")

    static let deviceType = Schema.object([
        ("id", .string), ("category", .choice(["sensor", "actuator"])), ("periodic", .boolean),
        (
            "capabilities",
            .array(.object([("key", .string), ("valueType", .string), ("unit", .string.nullable)]))
        ),
        (
            "commands",
            .anyOf([
                .array(
                    .object([
                        ("action", .string),
                        (
                            "parameters",
                            .array(
                                .object([
                                    ("name", .string), ("type", .string), ("min", .number.nullable),
                                    ("max", .number.nullable), ("required", .boolean),
                                ])
                            )
                        ),
                    ])
                ),
                Schema(["type": "null"]),
            ])
        ),
        ("events", .array(.string)),
    ]).named("DeviceType")

    static let readings = Schema.object([
        ("deviceId", .uuid),
        (
            "series",
            .array(
                .object([
                    ("key", .string), ("unit", .string.nullable),
                    (
                        "points",
                        .array(
                            .object(
                                [
                                    ("time", .time), ("value", .number), ("avg", .number), ("min", .number),
                                    ("max", .number), ("count", .integer),
                                ], optional: ["value", "avg", "min", "max", "count"]
                            )
                        )
                    ),
                ])
            )
        ),
    ]).named("Readings")

    static let event = Schema.object([
        ("id", .uuid), ("deviceId", .uuid), ("deviceName", .string), ("deviceType", .string.nullable),
        ("eventType", .choice(DeviceEvent.EventType.self)), ("payload", .anyObject), ("createdAt", .time),
    ]).named("Event")

    static let newDevice = Schema.object([("device", .device), ("token", .string)])
}
