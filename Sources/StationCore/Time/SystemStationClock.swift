import FoundationEssentials

/// The clocks of the machine.
public struct SystemStationClock: StationClock {
    private static let origin = ContinuousClock.now

    public init() {}

    public var now: MonotonicInstant {
        MonotonicInstant(sinceOrigin: Self.origin.duration(to: .now))
    }

    public var wallTime: Timestamp {
        Timestamp(milliseconds: Int64((Date().timeIntervalSince1970 * 1000).rounded(.down)))
    }

    public func sleep(until deadline: MonotonicInstant) async throws {
        try await Task.sleep(until: Self.origin.advanced(by: deadline.sinceOrigin), clock: .continuous)
    }
}
