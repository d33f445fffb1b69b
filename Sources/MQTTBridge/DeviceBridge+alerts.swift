import Logging
import MQTTTransport
import StationCore
import StationData

extension DeviceBridge {
    /// So many alerts may wait to be told; of more, all are forgotten: whoever looks finds them in the API.
    static let alertBacklog = 1024

    /// Tells places of their alerts on `placebrain/{placeId}/alerts` (contract 1, "Other dialects"), as far as there is a
    /// connection, until the subscription ends.
    func tell(_ alerts: EventBus.Subscription) async {
        for await element in alerts {
            switch element {
            case .message(.alertOpened(let alert)): await self.tell(alert, "created")
            case .message(.alertResolved(let alert)): await self.tell(alert, "resolved")
            case .message: continue
            case .lagged: self.logger.warning("alerts were not told on the broker: too many at once")
            }
        }
    }

    private func tell(_ alert: Alert, _ event: String) async {
        guard let connection = self.link.connection else { return }
        let message = OutboundMessage(
            topic: "placebrain/\(alert.placeID)/alerts",
            payload: [
                "id": .string(alert.id.description), "event_type": .string(event),
                "sensor_id": .string(alert.sensorID.description),
                "threshold_id": .string(alert.thresholdID.description),
                "device_id": .string(alert.deviceID.description), "place_id": .string(alert.placeID.description),
                "key": .string(alert.key), "value": JSONValue(plain: alert.tally.value),
                "threshold_value": JSONValue(plain: alert.limit), "threshold_type": .string(alert.kind.rawValue),
                "severity": .string(alert.severity.rawValue), "created_at": .string(alert.createdAt.description),
                "resolved_at": JSONValue(alert.resolvedAt?.description),
            ]
        )
        do throws(MQTTError) {
            try await connection.enqueue(MQTTMessage(topic: message.topic, payload: message.payload))
        } catch {
            self.logger.info("an alert was not told on the broker", metadata: ["error": "\(error)"])
        }
    }
}
