/// A point on the monotonic clock: what every timer and every "how long ago" is measured with.
public struct MonotonicInstant: Hashable, Sendable, InstantProtocol {
    /// Time since an origin that means nothing, the same for one run of the program.
    public let sinceOrigin: Duration

    public init(sinceOrigin: Duration) {
        self.sinceOrigin = sinceOrigin
    }

    public func advanced(by duration: Duration) -> MonotonicInstant {
        MonotonicInstant(sinceOrigin: self.sinceOrigin + duration)
    }

    public func duration(to other: MonotonicInstant) -> Duration {
        other.sinceOrigin - self.sinceOrigin
    }

    public static func < (one: MonotonicInstant, other: MonotonicInstant) -> Bool {
        one.sinceOrigin < other.sinceOrigin
    }
}
