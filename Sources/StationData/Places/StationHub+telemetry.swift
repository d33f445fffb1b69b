import GRDB
public import StationCore

extension StationHub {
    /// The newest value of every key of a device, in the order of the keys: of numbers the newest reading, stored or
    /// still to be written; of booleans what the device last said, dated by when it was last heard.
    ///
    /// - Throws: `StoreError.deviceNotFound`, `.unavailable`.
    public func latestReadings(of deviceID: DeviceID) async throws(StoreError) -> [LatestReading] {
        guard let device = self.device(deviceID) else { throw .deviceNotFound(deviceID.description) }
        // Memory before the store, as for the history.
        let everything = ReadingQuery(
            deviceID: deviceID, keys: nil, from: Timestamp(milliseconds: 0), to: .latest, interval: nil
        )
        let waiting = self.waitingReadings(everything)
        var newest = try await self.read("reading the latest readings") {
            try ReadingTable(db: $0).latest(of: deviceID)
        }
        for (key, points) in waiting {
            guard let point = points.last, newest[key].map({ $0.time <= point.time }) ?? true else { continue }
            newest[key] = point
        }
        for member in device.lastKnownState.members {
            guard let value = member.value.boolValue, let time = device.lastSeenAt else { continue }
            newest[member.key] = ReadingSeries.RawPoint(time: time, value: value ? 1 : 0)
        }
        return newest.sorted { $0.key < $1.key }.map {
            LatestReading(key: $0.key, value: $0.value.value, time: $0.value.time)
        }
    }
}
