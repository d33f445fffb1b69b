internal import PollLoop

extension BusConnection {
    func ready(_ readiness: DescriptorEvents) {
        guard let socket else { return }
        socket.handle(readiness)
        if readiness.contains(.stopped) { return self.end(.disconnected(detail: "the loop was stopped")) }
        self.drain()
    }

    /// To be called after each call into libdbus. A message may be there without the socket telling, among them that
    /// the connection broke while something was sent; it is handled in a turn of its own, so that the caller is done.
    func settleSocket() {
        guard let socket else { return }
        do throws(BusError) {
            try socket.updateInterest()
        } catch {
            return self.end(error)
        }
        if socket.hasMessages || !socket.isConnected { self.drainLater() }
    }

    private func drainLater() {
        guard !self.isDrainDue else { return }
        self.isDrainDue = true
        self.onLoop {
            $0.isDrainDue = false
            $0.drain()
        }
    }

    private func drain() {
        for _ in 0..<BusLimits.messagesPerTurn {
            guard let socket else { return }
            guard let message = socket.next() else {
                guard socket.isConnected else {
                    return self.end(.disconnected(detail: "the bus closed the connection"))
                }
                return self.settleSocket()
            }
            self.received(message)
        }
        self.drainLater()
    }

    /// Reads the arguments only where somebody wants them: anybody on the bus may send us anything.
    private func received(_ message: BusMessage) {
        switch message.kind {
        case .reply:
            guard self.pending[message.replySerial] != nil else { return }
            self.answered(message.replySerial, with: .success(message.arguments))
        case .error:
            guard self.pending[message.replySerial] != nil else { return }
            let text = message.arguments.first?.string ?? ""
            let error = BusError.remote(name: message.errorName ?? BusErrorName.failed, message: text)
            self.answered(message.replySerial, with: .failure(error))
        case .call: self.receivedCall(message)
        case .signal: self.receivedSignal(message)
        case nil: break
        }
    }

    private func receivedCall(_ message: BusMessage) {
        guard let sender = message.sender, let path = message.path, let member = message.member else { return }
        let isWanted = self.exports[path] != nil
        let request = BusRequest(
            sender: sender, path: path, interface: message.interface, member: member,
            arguments: isWanted ? message.arguments : [])
        self.requested(request, serial: message.serial, wantsReply: message.wantsReply)
    }

    private func receivedSignal(_ message: BusMessage) {
        guard let sender = message.sender, let path = message.path, let interface = message.interface,
            let member = message.member
        else { return }
        let header = BusSignal(sender: sender, path: path, interface: interface, member: member, arguments: [])
        guard sender == Self.busName || self.isWanted(header) else { return }
        self.deliver(
            BusSignal(
                sender: sender, path: path, interface: interface, member: member, arguments: message.arguments))
    }
}
