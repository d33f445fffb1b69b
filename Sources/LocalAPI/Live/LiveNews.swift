import StationCore

/// Turns what the station announces into the messages of contract 3.
struct LiveNews {
    /// In which place each device was when it was last heard of: of one that is gone nothing else tells.
    private var places: [DeviceID: PlaceID]

    init(_ devices: [Device]) {
        self.places = Dictionary(uniqueKeysWithValues: devices.map { ($0.id, $0.placeID) })
    }

    /// - Parameter device: The device as it is now, by its id.
    mutating func message(for event: StationEvent, device: (DeviceID) -> Device?) -> LiveMessage? {
        switch event {
        case .deviceState(let id, let state, let time):
            self.news(.deviceState, id, device, ["state": .object(state), "timestamp": JSONValue(time)])
        case .deviceStatus(let id, let status, let reason, let time):
            self.news(
                .deviceStatus, id, device,
                [
                    "status": .string(status.rawValue), "reason": JSONValue(reason?.rawValue),
                    "timestamp": JSONValue(time),
                ]
            )
        case .deviceEvent(let id, let kind, let data, let time):
            self.news(
                .deviceEvent, id, device,
                ["event": .string(kind.rawValue), "data": .object(data), "timestamp": JSONValue(time)]
            )
        case .deviceCommand(let id, let command, let time):
            self.news(.deviceCommand, id, device, ["command": .object(command), "timestamp": JSONValue(time)])
        case .deviceTransition(let id, let key, let old, let new, let time):
            self.news(
                .deviceTransition, id, device,
                [
                    "key": .string(key), "oldValue": .bool(old), "newValue": .bool(new), "timestamp": JSONValue(time),
                ]
            )
        case .deviceCreated(let id): self.news(.deviceCreated, id, device, [:])
        case .deviceUpdated(let id): self.news(.deviceUpdated, id, device, [:])
        case .deviceDeleted(let id): self.news(.deviceDeleted, id, device, [:])
        case .alertOpened(let alert): Self.news(of: alert, "opened")
        case .alertResolved(let alert): Self.news(of: alert, "resolved")
        case .account(let event): .account(event.userID)
        case .membershipChanged(let id): .account(id)
        case .deviceHandshake: nil
        }
    }

    private mutating func news(
        _ topic: LiveTopic, _ id: DeviceID, _ device: (DeviceID) -> Device?, _ members: JSONObject
    ) -> LiveMessage? {
        let before = self.places[id]
        let now = device(id)?.placeID
        self.places[id] = now
        // Of a device that has just moved, both places are told.
        let places = Set([before, now].compactMap(\.self))
        guard !places.isEmpty else { return nil }
        var json: JSONObject = ["type": .string(topic.rawValue), "deviceId": .string(id.description)]
        for member in members.members { json[member.key] = member.value }
        return .news(topic, device: id, places: Array(places), text: JSONValue.object(json).description)
    }

    private static func news(of alert: Alert, _ change: String) -> LiveMessage {
        let json: JSONValue = [
            "type": .string(LiveTopic.alert.rawValue), "event": .string(change),
            "alertId": .string(alert.id.description), "placeId": .string(alert.placeID.description),
            "deviceId": .string(alert.deviceID.description), "sensorId": .string(alert.sensorID.description),
            "thresholdId": .string(alert.thresholdID.description), "key": .string(alert.key),
            "severity": .string(alert.severity.rawValue), "thresholdType": .string(alert.kind.rawValue),
            "threshold": JSONValue(plain: alert.limit),
            "value": JSONValue(plain: alert.isOpen ? alert.tally.value : alert.tally.lastValue),
            "timestamp": JSONValue(alert.resolvedAt ?? alert.createdAt),
        ]
        return .news(.alert, device: alert.deviceID, places: [alert.placeID], text: json.description)
    }
}
