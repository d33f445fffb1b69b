import StationCore
import StationData

/// The shapes of the routes of places (contract 2, "Places, sensors, actuators, thresholds, alerts").
extension Schema {
    static let place = Schema.object([
        ("place_id", .uuid), ("name", .string), ("description", .string), ("user_role", .choice(PlaceRole.self)),
        ("is_default", .boolean), ("created_at", .time), ("updated_at", .time),
    ]).named("Place")

    static let placeMember = Schema.object([
        ("user_id", .uuid), ("username", .string), ("email", .string), ("role", .choice(PlaceRole.self)),
    ]).named("PlaceMember")

    static let zone = Schema.object([
        ("id", .uuid), ("placeId", .uuid), ("name", .string), ("createdAt", .time), ("updatedAt", .time),
    ]).named("Zone")

    static let placeDeviceMembers: [(String, Schema)] = [
        ("device_id", .uuid), ("place_id", .uuid), ("name", .string), ("status", .choice(DeviceStatus.self)),
        ("last_seen_at", .time.nullable),
    ]
    static let placeDevice = Schema.object(Schema.placeDeviceMembers).named("PlaceDevice")
    static let placeDeviceDetails = Schema.object(
        Schema.placeDeviceMembers + [
            ("created_at", .time), ("updated_at", .time), ("sensors", .array(.sensor)),
            ("actuators", .array(.actuator)),
        ]
    ).named("PlaceDeviceDetails")

    static let sensor = Schema.object([
        ("sensor_id", .uuid), ("device_id", .uuid), ("key", .string), ("name", .string),
        ("value_type", .choice(Capability.ValueType.self)), ("unit_label", .string), ("precision", .integer),
    ]).named("Sensor")

    static let actuator = Schema.object([
        ("actuator_id", .uuid), ("device_id", .uuid), ("key", .string), ("name", .string),
        ("value_type", .choice(Actuator.ValueType.self)), ("unit_label", .string), ("precision", .integer),
        ("min_value", .number.nullable), ("max_value", .number.nullable), ("step", .number.nullable),
        ("enum_options", Schema.array(.string).nullable),
    ]).named("Actuator")

    static let threshold = Schema.object([
        ("threshold_id", .uuid), ("sensor_id", .uuid), ("type", .choice(Threshold.Kind.self)), ("value", .number),
        ("severity", .choice(Threshold.Severity.self)), ("clear_band", .number.nullable),
        ("for_seconds", .integer.nullable),
    ]).named("Threshold")

    static let alert = Schema.object([
        ("id", .uuid), ("place_id", .uuid), ("device_id", .uuid), ("sensor_id", .uuid), ("threshold_id", .uuid),
        ("key", .string), ("value", .number), ("last_value", .number), ("peak_value", .number), ("count", .integer),
        ("threshold_value", .number), ("threshold_type", .choice(Threshold.Kind.self)),
        ("severity", .choice(Threshold.Severity.self)), ("status", .choice(AlertStatus.self)), ("created_at", .time),
        ("resolved_at", .time.nullable),
    ]).named("Alert")

    /// That it was done, and what the caller should know.
    static let successWithWarnings = Schema.object([("success", .boolean), ("warnings", .array(.string))])
}

/// The words for whether an alert is open.
enum AlertStatus: String, CaseIterable {
    case active, resolved
}
