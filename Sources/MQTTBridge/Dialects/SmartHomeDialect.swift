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
            case "handshake": try message.content(SmartHomePayload.handshake)
            case "state": try message.content(SmartHomePayload.state)
            case "event": try message.content(SmartHomePayload.event)
            case "heartbeat": try message.content(SmartHomePayload.heartbeat)
            default: throw MessageRejection(.badTopic, "“\(levels[4])” is not handshake, state, event or heartbeat")
            }
        return DeviceReport(
            sender: sender, address: DeviceAddress(dialect: self.id, scope: String(levels[1])), content: content,
            isRetained: message.isRetained
        )
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
