import StationCore

extension Device {
    /// Takes over what a handshake says. A type that contradicts the known one is kept out (contract 1, rule 3).
    mutating func take(_ handshake: Handshake, from report: DeviceReport, at time: Timestamp) {
        let before = self
        self.type = self.type ?? handshake.type
        self.firmwareVersion = handshake.firmwareVersion ?? self.firmwareVersion
        self.chip = handshake.chip ?? self.chip
        self.kitTag = handshake.kitTag ?? self.kitTag
        self.address = report.address ?? self.address
        if self.differsInIdentity(from: before) { self.updatedAt = time }
    }

    func differsInIdentity(from other: Device) -> Bool {
        self.name != other.name || self.type != other.type || self.placeID != other.placeID
            || self.zoneID != other.zoneID || self.firmwareVersion != other.firmwareVersion
            || self.chip != other.chip || self.kitTag != other.kitTag
    }

    /// Takes over what was committed, and leaves what reports have changed in memory meanwhile.
    mutating func takeIdentity(of committed: Device) {
        var merged = committed
        merged.lastKnownState = self.lastKnownState
        merged.lastSeenAt = [self.lastSeenAt, committed.lastSeenAt].compactMap(\.self).max()
        merged.lastHeartbeatAt = self.lastHeartbeatAt
        merged.address = self.address ?? committed.address
        self = merged
    }

    /// The line of the feed that tells of its present status.
    func statusEvent(at time: Timestamp) -> DeviceEvent {
        var payload: JSONObject = ["status": .string(self.status.rawValue)]
        payload["reason"] = self.statusReason.map { .string($0.rawValue) }
        if self.status == .offline, let lastSeenAt = self.lastSeenAt {
            payload["lastSeenAt"] = .string(lastSeenAt.description)
        }
        return DeviceEvent(.statusChanged, of: self.id, payload: payload, at: time)
    }
}

extension Handshake {
    var payload: JSONObject {
        var payload = JSONObject()
        payload["type"] = self.type.map(JSONValue.string)
        payload["firmwareVersion"] = self.firmwareVersion.map(JSONValue.string)
        payload["chip"] = self.chip.map(JSONValue.string)
        payload["kit_tag"] = self.kitTag.map(JSONValue.string)
        return payload
    }
}

extension IngestCounts {
    static func += (sum: inout IngestCounts, more: IngestCounts) {
        sum.unknown += more.unknown
        sum.revoked += more.revoked
        sum.coalesced += more.coalesced
        sum.rateLimited += more.rateLimited
        sum.droppedKeys += more.droppedKeys
        sum.droppedRows += more.droppedRows
    }
}
