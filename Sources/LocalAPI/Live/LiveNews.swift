import StationCore
import StationData

/// Turns what the station announces into the messages of contract 3.
enum LiveNews {
    /// Whose account it is that has changed; `nil` if this is about something else.
    static func account(of event: StationEvent) -> UserID? {
        switch event {
        case .account(let event): event.userID
        case .membershipChanged(let id): id
        default: nil
        }
    }

    /// What an event is about; `nil` for what is nobody's business.
    static func subject(
        of event: StationEvent, in whereabouts: inout DeviceWhereabouts, hub: StationHub
    ) -> LiveSubject? {
        guard let topic = LiveTopic(event) else { return nil }
        let device: DeviceID
        switch event {
        case .alertOpened(let alert), .alertResolved(let alert):
            return LiveSubject(topic: topic, device: alert.deviceID, places: [alert.placeID])
        case .deviceState(let id, _, _), .deviceStatus(let id, _, _, _), .deviceEvent(let id, _, _, _),
            .deviceCommand(let id, _, _), .deviceTransition(let id, _, _, _, _), .deviceCreated(let id),
            .deviceUpdated(let id), .deviceDeleted(let id):
            device = id
        case .account, .membershipChanged, .loginsChanged, .cloudChanged, .deviceHandshake:
            return nil
        }
        let places = whereabouts.places(of: device, now: hub.device(device)?.placeID)
        return places.isEmpty ? nil : LiveSubject(topic: topic, device: device, places: places)
    }

    /// An event as a line of JSON.
    static func text(of event: StationEvent) -> String {
        var json: JSONObject = ["type": JSONValue(LiveTopic(event)?.rawValue)]
        for member in self.members(of: event).members { json[member.key] = member.value }
        return JSONValue.object(json).description
    }

    private static func members(of event: StationEvent) -> JSONObject {
        switch event {
        case .deviceState(let id, let state, let time):
            ["deviceId": .string(id.description), "state": .object(state), "timestamp": JSONValue(time)]
        case .deviceStatus(let id, let status, let reason, let time):
            [
                "deviceId": .string(id.description), "status": .string(status.rawValue),
                "reason": JSONValue(reason?.rawValue), "timestamp": JSONValue(time),
            ]
        case .deviceEvent(let id, let kind, let data, let time):
            [
                "deviceId": .string(id.description), "event": .string(kind.rawValue), "data": .object(data),
                "timestamp": JSONValue(time),
            ]
        case .deviceCommand(let id, let command, let time):
            ["deviceId": .string(id.description), "command": .object(command), "timestamp": JSONValue(time)]
        case .deviceTransition(let id, let key, let old, let new, let time):
            [
                "deviceId": .string(id.description), "key": .string(key), "oldValue": .bool(old),
                "newValue": .bool(new), "timestamp": JSONValue(time),
            ]
        case .deviceCreated(let id), .deviceUpdated(let id), .deviceDeleted(let id):
            ["deviceId": .string(id.description)]
        case .alertOpened(let alert): self.members(of: alert, "opened")
        case .alertResolved(let alert): self.members(of: alert, "resolved")
        case .account, .membershipChanged, .loginsChanged, .cloudChanged, .deviceHandshake: [:]
        }
    }

    private static func members(of alert: Alert, _ change: String) -> JSONObject {
        [
            "event": .string(change), "alertId": .string(alert.id.description),
            "placeId": .string(alert.placeID.description), "deviceId": .string(alert.deviceID.description),
            "sensorId": .string(alert.sensorID.description), "thresholdId": .string(alert.thresholdID.description),
            "key": .string(alert.key), "severity": .string(alert.severity.rawValue),
            "thresholdType": .string(alert.kind.rawValue), "threshold": JSONValue(plain: alert.limit),
            "value": JSONValue(plain: alert.isOpen ? alert.tally.value : alert.tally.lastValue),
            "timestamp": JSONValue(alert.resolvedAt ?? alert.createdAt),
        ]
    }
}
