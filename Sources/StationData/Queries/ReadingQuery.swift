public import StationCore

/// Which part of a device's history is wanted.
public struct ReadingQuery: Sendable, Hashable {
    /// As many raw points of one series as an answer holds; of more, the oldest are cut.
    public static let maximumPoints = 100_000

    public let deviceID: DeviceID
    /// `nil` for all keys.
    public let keys: [String]?
    /// The first moment that belongs to it.
    public let from: Timestamp
    /// The first moment that no longer does.
    public let to: Timestamp
    /// The width of a bucket; `nil` for the readings themselves. Buckets begin at multiples of it since 1970.
    public let interval: Duration?

    /// - Parameter interval: Less than a millisecond, such as 0, stands for the readings themselves (contract 2).
    public init(deviceID: DeviceID, keys: [String]?, from: Timestamp, to: Timestamp, interval: Duration?) {
        self.deviceID = deviceID
        self.keys = keys
        self.from = from
        self.to = to
        self.interval = interval.flatMap { $0.milliseconds > 0 ? $0 : nil }
    }
}

/// The history of one key of one device, by time.
public struct ReadingSeries: Sendable, Hashable {
    public enum Points: Sendable, Hashable {
        case raw([RawPoint])
        /// Only buckets that hold a reading.
        case buckets([Bucket])
    }

    public struct RawPoint: Sendable, Hashable {
        public let time: Timestamp
        public let value: Double
    }

    public struct Bucket: Sendable, Hashable {
        /// The moment at which it begins.
        public let time: Timestamp
        public let average: Double
        public let minimum: Double
        public let maximum: Double
        public let count: Int
    }

    public let key: String
    public let unit: String?
    public let points: Points
}
