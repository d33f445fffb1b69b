/// The condition of `eventually` did not come true in time.
public struct EventuallyFailure: Error, CustomStringConvertible {
    public let what: String
    public let limit: Duration

    public var description: String { "\(self.what): not so within \(self.limit)" }
}

/// Waits until `condition` is true: asks every few milliseconds, throws `EventuallyFailure` with `what` when `limit` is
/// over, and passes on whatever the condition throws.
///
///     try await eventually("the device is online") { hub.device(id)?.status == .online }
public func eventually(
    within limit: Duration = .seconds(20),
    _ what: String,
    isolation: isolated (any Actor)? = #isolation,
    _ condition: () async throws -> Bool
) async throws {
    let clock = ContinuousClock()
    let deadline = clock.now + limit
    while try await !condition() {
        guard clock.now < deadline else { throw EventuallyFailure(what: what, limit: limit) }
        try await Task.sleep(for: .milliseconds(5))
    }
}
