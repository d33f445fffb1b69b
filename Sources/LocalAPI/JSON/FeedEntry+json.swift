import StationCore
import StationData

extension FeedEntry {
    /// The shape "Event" of contract 2, "Shapes".
    var json: JSONValue {
        [
            "id": .string(self.event.id.description),
            "deviceId": .string(self.event.deviceID.description),
            "deviceName": .string(self.deviceName),
            "deviceType": JSONValue(self.deviceType),
            "eventType": .string(self.event.type.rawValue),
            "payload": .object(self.event.payload),
            "createdAt": JSONValue(self.event.createdAt),
        ]
    }
}
