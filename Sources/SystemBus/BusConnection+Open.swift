internal import PollLoop

extension BusConnection {
    static let busName = "org.freedesktop.DBus"
    static let busPath = "/org/freedesktop/DBus"

    func connect(to address: BusAddress, within limit: Duration) async throws(BusError) {
        guard !Task.isCancelled else { throw .cancelled }
        let text = try address.resolved()
        self.openTimer = self.after(limit) { $0.end(.timedOut(what: "no connection to \(text) within \(limit)")) }
        do throws(LoopError) {
            // Connecting may block: a socket whose queue is full, a host name.
            try SystemThread.detach(name: "bus-dial") {
                let outcome = BusSocket.dial(text)
                self.onLoop { $0.dialled(outcome, within: limit) }
            }
        } catch {
            self.end(.unavailable(detail: "\(error)"))
        }
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { (waiter: CheckedContinuation<Result<Void, BusError>, Never>) in
                if case .connecting = self.phase {
                    self.openWaiter = waiter
                } else {
                    waiter.resume(returning: .failure(self.notOpen))
                }
            }
        } onCancel: {
            self.onLoop { if case .connecting = $0.phase { $0.end(.cancelled) } }
        }
        try outcome.get()
    }

    /// Says Hello: the bus gives us a name only then, and takes nothing before.
    private func dialled(_ outcome: Result<BusSocket, BusError>, within limit: Duration) {
        guard case .connecting = self.phase else { return }
        do throws(BusError) {
            let socket = try outcome.get()
            try socket.listen(on: self.loop) { readiness in self.assumeIsolated { $0.ready(readiness) } }
            self.socket = socket
            let hello = BusCall(Self.busName, path: Self.busPath, interface: Self.busName, member: "Hello")
            let serial = try self.send(try BusMessage(hello))
            self.expect(serial, of: hello, within: limit) { outcome in self.assumeIsolated { $0.greeted(outcome) } }
        } catch {
            self.end(error)
        }
    }

    private func greeted(_ outcome: Result<[BusValue], BusError>) {
        guard case .connecting = self.phase else { return }
        switch outcome {
        case .failure(let error): self.end(error)
        case .success(let values):
            guard let name = values.first?.string else {
                return self.end(.unavailable(detail: "the bus gave no name to us"))
            }
            self.uniqueName = name
            self.phase = .open
            if let openTimer { self.loop.cancel(openTimer) }
            self.openTimer = nil
            self.openWaiter?.resume(returning: .success(()))
            self.openWaiter = nil
        }
    }
}
