internal import PollLoop

extension BusConnection {
    /// So long a call may take, unless told otherwise; what libdbus takes, too.
    public static let defaultLimit: Duration = .seconds(25)

    /// Calls a method and waits for what it gives. When the waiting task is cancelled, or the limit is over, the wait
    /// ends at once; the peer does not hear of it and may still carry the call out.
    ///
    /// - Throws: `BusError`: `.remote` with the peer's error, `.timedOut`, `.cancelled`, `.disconnected`, `.closed`,
    ///   `.invalid`, `.tooLarge`, `.congested`.
    public func call(_ call: BusCall, timeout: Duration = defaultLimit) async throws(BusError) -> [BusValue] {
        guard case .open = self.phase else { throw self.notOpen }
        return try await self.exchange(call, within: timeout)
    }

    /// As `call`, before the connection is open too.
    func exchange(_ call: BusCall, within limit: Duration) async throws(BusError) -> [BusValue] {
        guard !Task.isCancelled else { throw .cancelled }
        let serial = try self.send(try BusMessage(call))
        return try await self.reply(to: serial, of: call, within: limit)
    }

    /// Waits for the reply to a call just sent; no suspension may lie between.
    ///
    /// - Parameter note: Hears the reply where it is read, in the order of the bus: before the next message.
    func reply(
        to serial: UInt32, of call: BusCall, within limit: Duration,
        noting note: @escaping @Sendable (Result<[BusValue], BusError>) -> Void = { _ in }
    ) async throws(BusError) -> [BusValue] {
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { (waiter: CheckedContinuation<Result<[BusValue], BusError>, Never>) in
                self.expect(serial, of: call, within: limit) { outcome in
                    note(outcome)
                    waiter.resume(returning: outcome)
                }
            }
        } onCancel: {
            self.onLoop { $0.answered(serial, with: .failure(.cancelled)) }
        }
        return try outcome.get()
    }

    /// Registers who waits for the reply to `serial`. In the same step as the sending, before any reply can be read.
    func expect(
        _ serial: UInt32, of call: BusCall, within limit: Duration,
        finish: @escaping @Sendable (Result<[BusValue], BusError>) -> Void
    ) {
        if case .ended = self.phase { return finish(.failure(self.notOpen)) }
        let what = "no reply from \(call) within \(limit)"
        let deadline = self.after(limit) { $0.answered(serial, with: .failure(.timedOut(what: what))) }
        self.pending[serial] = PendingReply(deadline: deadline, finish: finish)
    }

    /// Settles the call with that serial; does nothing if nobody waits any more.
    func answered(_ serial: UInt32, with outcome: Result<[BusValue], BusError>) {
        guard let reply = self.pending.removeValue(forKey: serial) else { return }
        self.settle(reply, with: outcome)
    }

    func settle(_ reply: PendingReply, with outcome: Result<[BusValue], BusError>) {
        self.loop.cancel(reply.deadline)
        reply.finish(outcome)
    }

    /// Queues a message and writes what the socket takes; its serial.
    func send(_ message: BusMessage) throws(BusError) -> UInt32 {
        guard let socket else { throw self.notOpen }
        guard socket.outgoingBytes < BusLimits.outgoingBytes else { throw .congested }
        let serial = try socket.send(message)
        self.settleSocket()
        return serial
    }
}
