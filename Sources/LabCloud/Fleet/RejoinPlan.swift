/// How a cloud goes away from its stations and comes back.
public struct RejoinPlan: Sendable, Hashable {
    /// Over how long a cloud may expect its stations to come back (contract 4, "Heartbeat and backoff").
    public static let spread = Duration.seconds(10)

    /// How many stations lose it.
    public var stations: Int
    /// The code of the Close with which it goes; nil for one that is killed.
    public var closeCode: UInt16?
    /// How long it is away.
    public var outage: Duration
    /// For the stations to come, at first and again.
    public var patience = Duration.seconds(180)

    public init(stations: Int, closeCode: UInt16?, outage: Duration) {
        self.stations = stations
        self.closeCode = closeCode
        self.outage = outage
    }

    /// In a few words.
    public var title: String {
        let manner = self.closeCode.map { "closed with \($0)" } ?? "killed"
        return "\(self.stations) stations, cloud \(manner), away for \(self.outage)"
    }
}
