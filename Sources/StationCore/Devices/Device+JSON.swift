extension Device {
    /// The device as the API and the cloud see it (contract 2, "Shapes").
    public var json: JSONValue {
        [
            "id": .string(self.id.description),
            "externalId": .string(self.externalID.description),
            "name": .string(self.name),
            "type": JSONValue(self.type),
            "placeId": .string(self.placeID.description),
            "zoneId": JSONValue(self.zoneID?.description),
            "status": .string(self.status.rawValue),
            "statusReason": JSONValue(self.statusReason?.rawValue),
            "lastKnownState": .object(self.lastKnownState),
            "lastSeenAt": JSONValue(self.lastSeenAt),
            "lastHeartbeatAt": JSONValue(self.lastHeartbeatAt),
            "firmwareVersion": JSONValue(self.firmwareVersion),
            "chip": JSONValue(self.chip),
            "kitTag": JSONValue(self.kitTag),
            "createdAt": JSONValue(self.createdAt),
            "updatedAt": JSONValue(self.updatedAt),
        ]
    }
}
