extension BusConnection {
    /// Lets peers call an object of ours, such as the pairing agent that BlueZ asks.
    ///
    /// - Parameter handler: Answers a call: what it gives is the reply, a `BusError` that it throws is the error.
    ///   Several requests are answered at the same time; beyond a limit callers are refused. Anybody on the bus may call.
    /// - Returns: What keeps the object there.
    /// - Throws: `BusError`: `.invalid` for a path that is none or is taken, `.closed`, `.disconnected`.
    public func export(
        path: String, handler: @escaping @Sendable (BusRequest) async throws(BusError) -> [BusValue]
    ) throws(BusError) -> BusExport {
        guard case .open = self.phase else { throw self.notOpen }
        try BusName.check(.path, path)
        guard self.exports[path] == nil else { throw .invalid(detail: "there is an object at \(path) already") }
        let number = self.nextNumber()
        self.exports[path] = ExportedObject(number: number, handler: handler)
        return BusExport { self.onLoop { $0.retract(path, number) } }
    }

    /// Takes a name on the bus; fails if somebody else has it.
    ///
    /// - Throws: `BusError`, as `call` does; `.remote` with `Failed` when the name is taken.
    public func requestName(_ name: String) async throws(BusError) {
        // 4: do not queue. Answers: 1 we have it now, 4 we had it before.
        let answer = try await self.call(Self.busCall("RequestName", [.string(name), .uint32(4)]))
        guard let code = answer.first?.integer, code == 1 || code == 4 else {
            throw .remote(name: BusErrorName.failed, message: "the name \(name) is taken")
        }
    }

    /// Gives a name back.
    ///
    /// - Throws: `BusError`, as `call` does.
    public func releaseName(_ name: String) async throws(BusError) {
        _ = try await self.call(Self.busCall("ReleaseName", [.string(name)]))
    }

    /// Sends a signal to all who want it.
    ///
    /// - Throws: `BusError`: `.invalid`, `.tooLarge`, `.congested`, `.closed`, `.disconnected`.
    public func emit(
        path: String, interface: String, member: String, arguments: [BusValue] = []
    ) throws(BusError) {
        guard case .open = self.phase else { throw self.notOpen }
        _ = try self.send(try BusMessage(signalOf: path, interface, member, arguments))
    }

    // MARK: - Requests

    private func retract(_ path: String, _ number: UInt64) {
        guard self.exports[path]?.number == number else { return }
        self.exports[path] = nil
    }

    /// Answers a call of a peer, always: without a reply it would wait for its deadline.
    func requested(_ request: BusRequest, serial: UInt32, wantsReply: Bool) {
        let address = ReplyAddress(peer: request.sender, serial: serial, isWanted: wantsReply)
        if request.interface == "org.freedesktop.DBus.Peer", request.member == "Ping" {
            return self.reply(.success([]), to: address)
        }
        guard let object = self.exports[request.path] else {
            let message = "there is no object at \(request.path)"
            return self.reply(.failure(.remote(name: BusErrorName.unknownObject, message: message)), to: address)
        }
        guard self.requestsInWork < BusLimits.requestsInWork else {
            let message = "too many requests are being answered"
            return self.reply(.failure(.remote(name: BusErrorName.limitsExceeded, message: message)), to: address)
        }
        self.requestsInWork += 1
        Task {
            let outcome = await Self.answer(request, by: object.handler)
            self.requestsInWork -= 1
            self.reply(outcome, to: address)
        }
    }

    private nonisolated static func answer(
        _ request: BusRequest, by handler: @Sendable (BusRequest) async throws(BusError) -> [BusValue]
    ) async -> Result<[BusValue], BusError> {
        do throws(BusError) {
            return .success(try await handler(request))
        } catch {
            return .failure(error)
        }
    }

    private func reply(_ outcome: Result<[BusValue], BusError>, to address: ReplyAddress) {
        guard address.isWanted, case .open = self.phase else { return }
        do throws(BusError) {
            switch outcome {
            case .success(let values): _ = try self.send(try BusMessage(replyTo: address, values))
            case .failure(let error): _ = try self.send(try BusMessage(errorTo: address, error))
            }
        } catch {
            // A reply that D-Bus does not allow becomes an error; if that cannot be sent either, nothing can.
            guard case .success = outcome else { return }
            self.reply(.failure(error), to: address)
        }
    }
}
