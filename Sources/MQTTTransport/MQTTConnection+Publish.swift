internal import PollLoop

extension MQTTConnection {
    /// The most that MQTT can carry: the length field ends at 256 MiB, and the topic has its share.
    private static let largestPayload = 268_435_455 - 65_535 - 4

    /// Sends a message and waits until the broker took it (QoS 1: PUBACK) or it is written to the socket (QoS 0).
    ///
    /// If it throws, the message may have arrived, but it will not arrive later: where no acknowledgement comes within
    /// `publishDeadline`, the connection is closed.
    ///
    /// - Throws: `MQTTError`: `.timedOut`, `.lost`, `.closed`, `.full`, `.invalidTopic`, `.tooLarge`, `.cancelled`.
    public func publish(_ message: MQTTMessage) async throws(MQTTError) {
        guard !Task.isCancelled else { throw .cancelled }
        guard let ticket = try self.send(message) else { return }
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                guard !self.outstanding.setWaiter(waiter, for: ticket) else { return }
                waiter.resume(returning: .failure(self.notOpen))
            }
        } onCancel: {
            self.onLoop { $0.outstanding.takeWaiter(of: ticket)?.resume(returning: .failure(.cancelled)) }
        }
        try outcome.get()
    }

    /// Sends a message without waiting for its acknowledgement; the deadline of `publish` holds all the same.
    ///
    /// - Throws: `MQTTError`: `.full` when `maxInflight` messages are on their way, `.lost`, `.closed`,
    ///   `.invalidTopic`, `.tooLarge`.
    public func enqueue(_ message: MQTTMessage) throws(MQTTError) {
        _ = try self.send(message)
    }

    /// nil when nothing is to be waited for.
    private func send(_ message: MQTTMessage) throws(MQTTError) -> OutstandingMessages.Ticket? {
        guard case .open = self.phase, let handle else { throw self.notOpen }
        guard self.outstanding.count < self.options.maxInflight else { throw .full(limit: self.options.maxInflight) }
        guard message.payload.count <= Self.largestPayload else { throw .tooLarge(bytes: message.payload.count) }
        guard MosquittoHandle.isTopic(message.topic) else { throw .invalidTopic(message.topic) }
        let (status, messageID) = handle.publish(message)
        guard status.isSuccess else {
            self.settle(status)
            throw self.notOpen
        }
        if let index = handle.events.acknowledged.lastIndex(of: messageID) {
            // QoS 0, written at once.
            handle.events.acknowledged.remove(at: index)
            self.settle(status)
            return nil
        }
        let limit = self.options.publishDeadline
        let ticket = self.outstanding.add(messageID, deadline: LoopThread.now() + limit.wholeNanoseconds)
        if self.acknowledgementTimer == nil {
            self.acknowledgementTimer = self.after(limit) { $0.checkDeadlines() }
        }
        self.settle(status)
        return ticket
    }

    /// One timer for all messages: set for the oldest, and when it fires for the one that is the oldest then.
    private func checkDeadlines() {
        self.acknowledgementTimer = nil
        guard let deadline = self.outstanding.firstDeadline else { return }
        let now = LoopThread.now()
        guard deadline > now else {
            let limit = self.options.publishDeadline
            return self.end(
                .timedOut(what: "no acknowledgement from \(self.endpoint) within \(limit); the connection is closed"))
        }
        self.acknowledgementTimer = self.after(.nanoseconds(deadline - now)) { $0.checkDeadlines() }
    }
}
