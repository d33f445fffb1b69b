public import StationCore

/// A bucket of a history without gaps: where nothing was measured, it says so.
public struct TelemetrySlot: Sendable, Hashable {
    /// The moment at which it begins, a multiple of the interval since 1970.
    public let time: Timestamp
    public let bucket: ReadingSeries.Bucket?

    /// The slots of [from, to) in their order; the first may begin before `from`.
    ///
    /// - Parameter interval: At least a millisecond.
    public static func filling(
        _ buckets: [ReadingSeries.Bucket], from: Timestamp, to: Timestamp, interval: Duration
    ) -> [TelemetrySlot] {
        let width = max(1, interval.milliseconds)
        let byTime = Dictionary(buckets.map { ($0.time, $0) }, uniquingKeysWith: { $1 })
        let first = from.milliseconds / width * width
        return stride(from: first, to: to.milliseconds, by: Int64.Stride(width)).map { start in
            let time = Timestamp(milliseconds: start)
            return TelemetrySlot(time: time, bucket: byTime[time])
        }
    }
}

/// The newest value of one key of a device.
public struct LatestReading: Sendable, Hashable {
    public let key: String
    /// 1 and 0 for a boolean.
    public let value: Double
    public let time: Timestamp
}
