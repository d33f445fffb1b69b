/// Something that the cloud is told of (contract 4, "Station → cloud").
public struct CloudNotification: Sendable, Hashable {
    public let channel: CloudChannel
    public let method: String
    public let params: JSONObject
    /// What a newer one with the same key makes superfluous, should there not be room for both.
    public let coalesceKey: String?

    private init(_ channel: CloudChannel, _ method: String, _ params: JSONObject, coalesceKey: String? = nil) {
        self.channel = channel
        self.method = method
        self.params = params
        self.coalesceKey = coalesceKey
    }

    /// The channel of an event; `nil` for one that the cloud is not told of.
    public static func channel(of event: StationEvent) -> CloudChannel? {
        switch event {
        case .deviceState: .state
        case .deviceStatus: .status
        case .deviceEvent: .event
        case .deviceCommand: .command
        case .deviceCreated, .deviceUpdated, .deviceDeleted: .device
        case .alertOpened, .alertResolved: .alert
        case .deviceTransition, .deviceHandshake, .account, .membershipChanged, .loginsChanged,
            .cloudChanged:
            nil
        }
    }

    /// What the cloud is told of an event; `nil` for one that it is not told of.
    ///
    /// - Parameters:
    ///   - device: The device of `deviceCreated` and `deviceUpdated`, as it is now.
    ///   - time: For events that have none of their own.
    public init?(_ event: StationEvent, device: Device?, at time: Timestamp) {
        switch event {
        case .deviceState(let id, let state, let time):
            self.init(state: state, of: id, at: time)
        case .deviceStatus(let id, let status, _, let time):
            self.init(
                .status, "device.statusChanged",
                [
                    "deviceId": .string(id.description), "status": .string(status.rawValue),
                    "timestamp": JSONValue(time),
                ], coalesceKey: "status/\(id)"
            )
        case .deviceEvent(let id, let kind, let data, let time):
            self.init(
                .event, "device.eventReceived",
                [
                    "deviceId": .string(id.description), "event": .string(kind.rawValue), "data": .object(data),
                    "timestamp": JSONValue(time),
                ]
            )
        case .deviceCommand(let id, let command, let time):
            self.init(
                .command, "device.commandSent",
                ["deviceId": .string(id.description), "command": .object(command), "timestamp": JSONValue(time)]
            )
        case .deviceCreated(let id):
            self.init(.device, "device.created", Self.params(of: id, device, at: time))
        case .deviceUpdated(let id):
            self.init(.device, "device.updated", Self.params(of: id, device, at: time), coalesceKey: "device/\(id)")
        case .deviceDeleted(let id):
            self.init(.device, "device.deleted", Self.params(of: id, nil, at: time))
        case .alertOpened(let alert): self.init(.alert, "alert.opened", Self.params(of: alert))
        case .alertResolved(let alert): self.init(.alert, "alert.resolved", Self.params(of: alert))
        case .deviceTransition, .deviceHandshake, .account, .membershipChanged, .loginsChanged, .cloudChanged:
            return nil
        }
    }

    /// The state of a device.
    public init(state: JSONObject, of id: DeviceID, at time: Timestamp) {
        self.init(
            .state, "device.stateChanged",
            ["deviceId": .string(id.description), "state": .object(state), "timestamp": JSONValue(time)]
        )
    }

    private static func params(of id: DeviceID, _ device: Device?, at time: Timestamp) -> JSONObject {
        var params: JSONObject = ["deviceId": .string(id.description)]
        params["device"] = device.map { .object($0.identityJSON) }
        params["timestamp"] = JSONValue(time)
        return params
    }

    private static func params(of alert: Alert) -> JSONObject {
        [
            "alertId": .string(alert.id.description), "deviceId": .string(alert.deviceID.description),
            "key": .string(alert.key), "severity": .string(alert.severity.rawValue),
            "value": JSONValue(plain: alert.isOpen ? alert.tally.value : alert.tally.lastValue),
            "threshold": JSONValue(plain: alert.limit),
            "timestamp": JSONValue(alert.resolvedAt ?? alert.createdAt),
        ]
    }
}

extension Device {
    /// Who it is. How it is has notifications of its own, which must not be overtaken by an older copy.
    fileprivate var identityJSON: JSONObject {
        [
            "id": .string(self.id.description), "externalId": .string(self.externalID.description),
            "name": .string(self.name), "type": JSONValue(self.type),
            "placeId": .string(self.placeID.description), "zoneId": JSONValue(self.zoneID?.description),
            "firmwareVersion": JSONValue(self.firmwareVersion), "chip": JSONValue(self.chip),
            "kitTag": JSONValue(self.kitTag), "createdAt": JSONValue(self.createdAt),
            "updatedAt": JSONValue(self.updatedAt),
        ]
    }
}
