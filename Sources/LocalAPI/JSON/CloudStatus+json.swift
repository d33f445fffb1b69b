import StationCore

extension CloudStatus {
    /// The shape of contract 4, "Local view".
    var json: JSONValue {
        [
            "state": .string(self.state.rawValue),
            "claimed": .bool(self.isClaimed),
            "claimedAt": JSONValue(self.claimedAt),
            "host": JSONValue(self.host),
            "connectedSince": JSONValue(self.connectedSince),
            "lastError": JSONValue(self.lastError.map(SecretMask.inURLs)),
            "reconnectAt": JSONValue(self.reconnectAt),
            "activeChannels": .array(self.activeChannels.map(\.rawValue).sorted().map(JSONValue.string)),
            "outboxDepth": .integer(Int64(self.outboxDepth)),
        ]
    }
}
