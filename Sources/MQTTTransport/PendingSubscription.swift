internal import PollLoop

/// A subscription whose SUBACK has not come.
struct PendingSubscription {
    let filters: [String]
    let deadline: LoopTimer
    var waiter: CheckedContinuation<Result<Void, MQTTError>, Never>?

    /// What the broker's answer, one code per filter, means.
    func outcome(_ granted: [Int32]) -> Result<Void, MQTTError> {
        guard granted.count == self.filters.count else {
            return .failure(.malformed(detail: "\(granted.count) answers to \(self.filters.count) subscriptions"))
        }
        for (filter, code) in zip(self.filters, granted) where code > 2 {
            return .failure(.subscriptionRefused(filter: filter))
        }
        return .success(())
    }
}
