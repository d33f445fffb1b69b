import StationCore

/// The shapes of the routes of the station's host (contract 2, `/api/network` and `/api/system`).
extension Schema {
    static let wifiNetwork = Schema.object([
        ("ssid", .string),
        ("ssidHex", .pattern("^([0-9a-f]{2}){1,32}$").described("Its name is bytes, not always text.")),
        ("signal", .integer(0...100)), ("frequency", Schema.integer.nullable.described("In MHz.")),
        ("security", .choice(WiFiSecurity.self)), ("joined", .boolean), ("known", .boolean),
    ]).named("WiFiNetwork")

    static let wifiNetworks: Schema = {
        var schema = Schema.array(.wifiNetwork)
        schema.json["maxItems"] = .integer(Int64(HostLimits.networks))
        return schema
    }()

    static let wifiStatus = Schema.object([
        ("state", .choice(WiFiStatus.State.self)), ("interface", Schema.string.nullable),
        ("network", Schema.wifiNetwork.nullable), ("addresses", .array(.string)),
    ]).named("WiFiStatus")

    static let joinedWiFi = Schema.object([
        ("wifi", .wifiStatus),
        ("keptForDevices", .boolean.described("Whether new devices are told to join it, as none was stored for them.")),
    ])

    private static let networkDevice = Schema.object([
        ("interface", .string), ("kind", .choice(NetworkDevice.Kind.self)),
        ("state", .choice(NetworkDevice.State.self)), ("hardwareAddress", Schema.string.nullable),
        ("connection", Schema.string.nullable), ("addresses", .array(.string)),
    ]).named("NetworkDevice")

    private static let hostFault = Schema.object([("code", .string), ("message", .string)])

    private static let wifiJoin = Schema.object([
        ("ssid", .string), ("state", .choice(WiFiJoin.Outcome.names)), ("startedAt", .time),
        ("endedAt", .time.nullable), ("error", Schema.hostFault.nullable),
        ("rollback", Schema.choice(WiFiJoinFailure.Rollback.self).nullable),
    ]).named("WiFiJoin")

    static let network = Schema.object([
        ("connectivity", .choice(NetworkState.Connectivity.self)), ("primaryInterface", Schema.string.nullable),
        ("gateway", Schema.string.nullable), ("nameServers", .array(.string)), ("devices", .array(.networkDevice)),
        ("wifi", .wifiStatus), ("lastJoin", Schema.wifiJoin.nullable),
    ]).named("Network")

    private static let hostSpace = Schema.object([("total", .integer), ("available", .integer)]).described("In bytes.")

    private static let throttling = Schema.object([
        ("now", .array(.choice(HostThrottling.Condition.self))),
        ("sinceStart", .array(.choice(HostThrottling.Condition.self))),
    ])

    private static let lastRestart = Schema.object([
        ("target", .choice(RestartTarget.self)), ("askedAt", .time), ("error", Schema.hostFault.nullable),
    ])

    static let systemInfo = Schema.object([
        ("model", Schema.string.nullable), ("temperature", Schema.number.nullable.described("In °C.")),
        ("throttling", Schema.throttling.nullable), ("memory", Schema.hostSpace.nullable),
        ("disk", Schema.hostSpace.nullable), ("operatingSystem", Schema.string.nullable),
        ("architecture", Schema.string.nullable), ("hostName", Schema.string.nullable),
        ("timeZone", Schema.string.nullable), ("clockSynchronised", Schema.boolean.nullable),
        ("uptime", Schema.integer.nullable.described("Of the machine, in seconds.")),
        ("versions", .object([("agent", .string), ("kernel", Schema.string.nullable)])),
        ("lastRestart", Schema.lastRestart.nullable),
    ]).named("SystemInfo")
}
