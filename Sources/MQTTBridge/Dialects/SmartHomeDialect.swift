import StationCore

/// The published ESP32 firmware (contract 1): `station/{stationId}/device/{externalId}/…`.
///
/// Every name is exact: devices in the field cannot be changed.
struct SmartHomeDialect: DeviceDialect {
    let id = DialectID.smarthome
    let topicRoot: Substring = "station"
    let subscriptions = ["handshake", "state", "event", "heartbeat"].map { "station/+/device/+/\($0)" }

    func report(from message: DeviceMessage) throws(MessageRejection) -> DeviceReport {
        let levels = message.levels
        guard levels.count == 5, levels[2] == "device" else {
            throw MessageRejection(.badTopic, "the topic is not station/{stationId}/device/{externalId}/{suffix}")
        }
        guard TopicName.isValid(levels[1]) else {
            throw MessageRejection(.badTopic, "the station id in the topic is not \(TopicName.rule)")
        }
        guard let sender = ExternalID(levels[3]) else {
            throw MessageRejection(.badExternalID, "the external id in the topic is not \(TopicName.rule)")
        }
        let content: DeviceReport.Content =
            switch levels[4] {
            case "handshake": try self.handshake(message.object())
            case "state": try self.state(message.object())
            case "event": try self.event(message.object())
            case "heartbeat": try self.heartbeat(message.object())
            default: throw MessageRejection(.badTopic, "“\(levels[4])” is not handshake, state, event or heartbeat")
            }
        return DeviceReport(
            sender: sender, address: DeviceAddress(dialect: self.id, scope: String(levels[1])), content: content,
            isRetained: message.isRetained
        )
    }

    private func handshake(_ object: JSONObject) throws(MessageRejection) -> DeviceReport.Content {
        let type = try object.text("type")
        if let type, !TopicName.isValid(type) {
            throw MessageRejection(.wrongType, "“type” is not \(TopicName.rule)")
        }
        return .handshake(
            Handshake(
                type: type, firmwareVersion: try object.text("firmwareVersion"), chip: try object.text("chip"),
                kitTag: try object.text("kit_tag")
            )
        )
    }

    private func state(_ object: JSONObject) throws(MessageRejection) -> DeviceReport.Content {
        guard let patch = object["state"]?.objectValue else {
            throw MessageRejection(.wrongType, "“state” is not an object")
        }
        var measuredAt: Timestamp?
        if let text = try object.text("timestamp") {
            guard let time = Timestamp(iso8601: text) else {
                throw MessageRejection(.wrongType, "“timestamp” is no ISO 8601 time")
            }
            measuredAt = time
        }
        return .state(patch, measuredAt: measuredAt)
    }

    private func event(_ object: JSONObject) throws(MessageRejection) -> DeviceReport.Content {
        guard let kind = try object.text("event").flatMap(DeviceEventKind.init) else {
            throw MessageRejection(.wrongType, "“event” is neither device_event nor user_event")
        }
        switch object["data"] {
        case nil, .null?: return .event(kind, data: JSONObject())
        case .object(let data)?: return .event(kind, data: data)
        case let value?: throw MessageRejection(.wrongType, "“data” is \(value.kind), not an object")
        }
    }

    private func heartbeat(_ object: JSONObject) throws(MessageRejection) -> DeviceReport.Content {
        switch try object.text("status") {
        case "online": .heartbeat
        case "offline": .lastWill
        default: throw MessageRejection(.wrongType, "“status” is neither online nor offline")
        }
    }

    func handshakeAnswer(to sender: ExternalID, scope: String, isKnown: Bool) -> OutboundMessage? {
        OutboundMessage(
            topic: "station/\(scope)/device/\(sender)/handshake/ack",
            payload: ["status": isKnown ? "ok" : "unknown_device"]
        )
    }

    func message(
        for command: DeviceCommand, to device: ExternalID, scope: String
    ) throws(CommandRefusal) -> OutboundMessage {
        OutboundMessage(topic: "station/\(scope)/device/\(device)/command", payload: command.body)
    }
}
