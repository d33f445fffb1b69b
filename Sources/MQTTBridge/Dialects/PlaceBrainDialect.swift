import StationCore

/// `placebrain/{placeId}/devices/{deviceId}/…` (contract 1, "Other dialects"): telemetry and status in, actuator values
/// out; no handshake.
struct PlaceBrainDialect: DeviceDialect {
    let id = DialectID.placebrain
    let topicRoot: Substring = "placebrain"
    let subscriptions = ["placebrain/+/devices/+/telemetry", "placebrain/+/devices/+/status"]

    func report(from message: DeviceMessage) throws(MessageRejection) -> DeviceReport {
        let levels = message.levels
        guard levels.count == 5, levels[2] == "devices" else {
            throw MessageRejection(.badTopic, "the topic is not placebrain/{placeId}/devices/{deviceId}/{suffix}")
        }
        guard TopicName.isValid(levels[1]) else {
            throw MessageRejection(.badTopic, "the place id in the topic is not \(TopicName.rule)")
        }
        guard let sender = ExternalID(levels[3]) else {
            throw MessageRejection(.badExternalID, "the device id in the topic is not \(TopicName.rule)")
        }
        let content: DeviceReport.Content =
            switch levels[4] {
            case "telemetry": try message.content(self.telemetry)
            case "status": try message.content(SmartHomePayload.heartbeat)
            default: throw MessageRejection(.badTopic, "“\(levels[4])” is neither telemetry nor status")
            }
        return DeviceReport(
            sender: sender, address: DeviceAddress(dialect: self.id, scope: String(levels[1])), content: content,
            isRetained: message.isRetained
        )
    }

    /// A value that is neither a number nor a boolean drops its key, a bad time the message.
    private func telemetry(_ object: JSONObject) throws(PayloadFault) -> DeviceReport.Content {
        guard let values = object["values"]?.objectValue else {
            throw PayloadFault("values", "“values” is not an object")
        }
        var patch = JSONObject()
        for member in values.members {
            switch member.value {
            case .integer, .number, .bool: patch[member.key] = member.value
            default: continue
            }
        }
        return .state(patch, measuredAt: try self.time(object["ts"]))
    }

    /// ISO 8601 text, or seconds or milliseconds since 1970 as a number or as digits.
    private func time(_ value: JSONValue?) throws(PayloadFault) -> Timestamp? {
        guard let value, value != .null else { return nil }
        if case .string(let text) = value, let time = Timestamp(iso8601: text) { return time }
        let number = value.doubleValue ?? value.stringValue.flatMap(Double.init)
        guard let number, number.isFinite, number >= 0, number < Double(Timestamp.latest.milliseconds) else {
            throw PayloadFault("ts", "“ts” is neither ISO 8601 nor a number of seconds or milliseconds")
        }
        // As seconds, 10^11 is in the year 5138; as milliseconds, in 1973.
        return Timestamp(milliseconds: Int64(number < 1e11 ? number * 1000 : number))
    }

    func handshakeAnswer(to sender: ExternalID, scope: String, isKnown: Bool) -> OutboundMessage? { nil }

    func message(
        for command: DeviceCommand, to device: ExternalID, scope: String
    ) throws(CommandRefusal) -> OutboundMessage {
        guard let key = command.body["actuator_key"]?.stringValue, let value = command.body["value"]?.stringValue
        else {
            throw CommandRefusal(
                code: .notExpressible, field: "actuator_key",
                message: "This device takes only “actuator_key” and “value”, both strings, beside any “action”."
            )
        }
        return OutboundMessage(
            topic: "placebrain/\(scope)/devices/\(device)/command",
            payload: ["actuator_key": .string(key), "value": .string(value)]
        )
    }
}
