import StationCore

/// The shapes of the cloud's routes (contract 4, "Local view").
extension Schema {
    static let cloudStatus = Schema.object([
        ("state", .choice(CloudStatus.State.self)), ("claimed", .boolean), ("claimedAt", .time.nullable),
        ("host", Schema.string.nullable), ("connectedSince", .time.nullable), ("lastError", Schema.string.nullable),
        ("reconnectAt", .time.nullable), ("activeChannels", .array(.choice(CloudChannel.self))),
        ("outboxDepth", .integer),
    ]).named("CloudStatus")

    static let cloudClaim = Schema.object([("chipId", .string), ("claimSecret", .string), ("qr", .string)])
        .named("CloudClaim")
}
