internal import PollLoop

extension MQTTConnection {
    /// Subscribes to all filters in one packet and waits for the broker's consent.
    ///
    /// - Throws: `MQTTError`: `.subscriptionRefused` if any filter is refused (the others may be in force),
    ///   `.timedOut` when no answer comes within `publishDeadline` (the connection is closed then), `.invalidTopic`,
    ///   `.lost`, `.closed`, `.cancelled`.
    public func subscribe(
        _ filters: [String],
        qos: MQTTQualityOfService = .atLeastOnce
    ) async throws(MQTTError) {
        guard !Task.isCancelled else { throw .cancelled }
        guard !filters.isEmpty else { return }
        guard case .open = self.phase, let handle else { throw self.notOpen }
        for filter in filters where !MosquittoHandle.isFilter(filter) { throw .invalidTopic(filter) }
        let (status, messageID) = handle.subscribe(filters, qos)
        guard status.isSuccess else {
            self.settle(status)
            throw self.notOpen
        }
        let limit = self.options.publishDeadline
        let deadline = self.after(limit) { connection in
            connection.end(.timedOut(what: "no answer to a subscription from \(connection.endpoint) within \(limit)"))
        }
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                self.subscriptions[messageID] = PendingSubscription(
                    filters: filters, deadline: deadline, waiter: waiter)
                self.settle(status)
            }
        } onCancel: {
            self.onLoop { connection in
                let waiter = connection.subscriptions[messageID]?.waiter
                connection.subscriptions[messageID]?.waiter = nil
                waiter?.resume(returning: .failure(.cancelled))
            }
        }
        try outcome.get()
    }

    func answered(_ answer: MosquittoEvents.SubscriptionAnswer) {
        guard let subscription = self.subscriptions.removeValue(forKey: answer.messageID) else { return }
        self.loop.cancel(subscription.deadline)
        subscription.waiter?.resume(returning: subscription.outcome(answer.granted))
    }
}
