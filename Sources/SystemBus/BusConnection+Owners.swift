extension BusConnection {
    private static let ownerChanged = "NameOwnerChanged"

    /// Who has a name on the bus: first as it is now, then with each change, until the connection ends. A service that
    /// was restarted has another unique name. Only the newest changes are kept for a slow reader.
    ///
    /// - Throws: `BusError`, as `call` does.
    public func nameOwnerChanges(of name: String) async throws(BusError) -> AsyncStream<BusOwner> {
        try BusName.check(.bus, name)
        let (stream, continuation) = AsyncStream.makeStream(of: BusOwner.self, bufferingPolicy: .bufferingNewest(16))
        let number = try await self.subscribe(
            Self.ownerMatch(name),
            deliver: { signal in
                if let change = Self.change(signal) { continuation.yield(change) }
                return true
            },
            finish: { continuation.finish() })
        continuation.onTermination = { _ in self.onLoop { $0.unsubscribe(number) } }
        do throws(BusError) {
            let question = Self.busCall("GetNameOwner", [.string(name)])
            let serial = try self.send(try BusMessage(question))
            // Handed on where it is read: a change that comes after it must not be overtaken by it.
            _ = try await self.reply(to: serial, of: question, within: Self.defaultLimit) { outcome in
                guard let owner = Self.owner(outcome) else { return }
                continuation.yield(BusOwner(name: name, uniqueName: owner))
            }
        } catch {
            guard error.name != BusErrorName.nameHasNoOwner else { return stream }
            self.unsubscribe(number)
            throw error
        }
        return stream
    }

    // MARK: - Senders by their well-known name

    /// From now on it is known who has the name.
    func track(_ name: String) throws(BusError) {
        self.owners[name, default: TrackedOwner()].users += 1
        guard self.owners[name]?.users == 1 else { return }
        let rule = try Self.ownerMatch(name).rule()
        _ = try self.send(try BusMessage(Self.busCall("AddMatch", [.string(rule)]), expectsReply: false))
        let question = Self.busCall("GetNameOwner", [.string(name)])
        let serial = try self.send(try BusMessage(question))
        self.expect(serial, of: question, within: Self.defaultLimit) { outcome in
            guard let owner = Self.owner(outcome) else { return }
            self.assumeIsolated { $0.owners[name]?.uniqueName = owner }
        }
    }

    func untrack(_ name: String) {
        guard let owner = self.owners[name] else { return }
        guard owner.users <= 1 else {
            self.owners[name]?.users -= 1
            return
        }
        self.owners[name] = nil
        guard let rule = try? Self.ownerMatch(name).rule() else { return }
        self.tell(Self.busCall("RemoveMatch", [.string(rule)]))
    }

    /// Takes note if the signal is the bus's and tells of a name that somebody wants.
    func noteOwner(_ signal: BusSignal) {
        guard let change = Self.change(signal) else { return }
        self.owners[change.name]?.uniqueName = change.uniqueName
    }

    /// nil inside: nobody has the name. nil: not known.
    private static func owner(_ outcome: Result<[BusValue], BusError>) -> String?? {
        switch outcome {
        case .success(let values): .some(values.first?.string)
        case .failure(let error) where error.name == BusErrorName.nameHasNoOwner: .some(nil)
        case .failure: nil
        }
    }

    private static func ownerMatch(_ name: String) -> BusMatch {
        BusMatch(
            sender: Self.busName, path: Self.busPath, interface: Self.busName, member: Self.ownerChanged,
            firstArgument: name)
    }

    private static func change(_ signal: BusSignal) -> BusOwner? {
        guard signal.sender == Self.busName, signal.member == Self.ownerChanged, signal.arguments.count == 3,
            let name = signal.arguments[0].string, let owner = signal.arguments[2].string
        else { return nil }
        return BusOwner(name: name, uniqueName: owner.isEmpty ? nil : owner)
    }
}
