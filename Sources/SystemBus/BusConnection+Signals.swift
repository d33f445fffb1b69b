extension BusConnection {
    /// Subscribes to signals, in the order in which the bus delivers them. When this returns the bus has taken the
    /// rule: what is asked afterwards is newer than what the stream may miss.
    ///
    /// The stream ends with the connection. It also ends, early, when its reader is more than `capacity` signals
    /// behind: then subscribe again and look at the whole again. To leave it is to unsubscribe.
    ///
    /// - Throws: `BusError`, as `call` does.
    public func signals(
        matching match: BusMatch, capacity: Int = 4096
    ) async throws(BusError) -> AsyncStream<BusSignal> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: BusSignal.self, bufferingPolicy: .bufferingOldest(max(1, capacity)))
        let number = try await self.subscribe(
            match,
            deliver: { signal in
                if case .dropped = continuation.yield(signal) { false } else { true }
            },
            finish: { continuation.finish() })
        continuation.onTermination = { _ in self.onLoop { $0.unsubscribe(number) } }
        return stream
    }

    /// Registers a subscription, then has the bus send the signals, so that none is lost between.
    func subscribe(
        _ match: BusMatch, deliver: @escaping @Sendable (BusSignal) -> Bool, finish: @escaping @Sendable () -> Void
    ) async throws(BusError) -> UInt64 {
        guard case .open = self.phase else { throw self.notOpen }
        guard !Task.isCancelled else { throw .cancelled }
        let call = Self.busCall("AddMatch", [.string(try match.rule())])
        let number = self.nextNumber()
        self.subscriptions[number] = Subscription(match: match, deliver: deliver, finish: finish)
        do throws(BusError) {
            if let name = match.wellKnownSender { try self.track(name) }
            let serial = try self.send(try BusMessage(call))
            self.subscriptions[number]?.isRuleSent = true
            _ = try await self.reply(to: serial, of: call, within: Self.defaultLimit)
        } catch {
            // After anything but a refusal the bus may have the rule.
            if case .remote = error { self.subscriptions[number]?.isRuleSent = false }
            self.unsubscribe(number)
            throw error
        }
        guard self.subscriptions[number] != nil else { throw self.notOpen }
        return number
    }

    func unsubscribe(_ number: UInt64) {
        guard let subscription = self.subscriptions.removeValue(forKey: number) else { return }
        // The bus counts equal rules: each subscription adds one and removes one.
        if subscription.isRuleSent, let rule = try? subscription.match.rule() {
            self.tell(Self.busCall("RemoveMatch", [.string(rule)]))
        }
        if let name = subscription.match.wellKnownSender { self.untrack(name) }
        subscription.finish()
    }

    /// Hands a signal to whom it concerns.
    func deliver(_ signal: BusSignal) {
        self.noteOwner(signal)
        var overflown: [UInt64] = []
        for (number, subscription) in self.subscriptions where self.isMeant(signal, by: subscription.match) {
            guard subscription.match.fitsArgument(of: signal) else { continue }
            if !subscription.deliver(signal) { overflown.append(number) }
        }
        for number in overflown { self.unsubscribe(number) }
    }

    /// Whether anybody may want a signal, before its arguments are read.
    func isWanted(_ header: BusSignal) -> Bool {
        self.subscriptions.values.contains { self.isMeant(header, by: $0.match) }
    }

    private func isMeant(_ signal: BusSignal, by match: BusMatch) -> Bool {
        guard match.fitsHeader(of: signal) else { return false }
        guard let sender = match.sender else { return true }
        guard let name = match.wellKnownSender else { return sender == signal.sender }
        return self.owners[name]?.uniqueName == signal.sender
    }

    // MARK: - The bus itself

    /// A call whose outcome is of no interest.
    func tell(_ call: BusCall) {
        guard case .open = self.phase else { return }
        do throws(BusError) {
            _ = try self.send(try BusMessage(call, expectsReply: false))
        } catch {
            // Only the bus itself is told things, and only to forget something: its own end does that, too.
            return
        }
    }

    static func busCall(_ member: String, _ arguments: [BusValue]) -> BusCall {
        BusCall(Self.busName, path: Self.busPath, interface: Self.busName, member: member, arguments: arguments)
    }
}
