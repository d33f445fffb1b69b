extension MQTTConnection {
    /// So long `close()` waits for acknowledgements and for the DISCONNECT to be written.
    private static let closeLimit: Duration = .seconds(2)

    /// Ends the connection in good order: waits shortly for what is on its way, sends DISCONNECT (so that the last will
    /// stays unsent) and closes. Takes two seconds at most, whatever the peer does. New messages are refused meanwhile.
    public func close() async {
        switch self.phase {
        case .ended: return
        case .connecting: return self.end(nil)
        case .open:
            self.phase = .closing
            self.sideTimer = self.after(Self.closeLimit) { $0.end(nil) }
            self.settle(.success)
        case .closing: break
        }
        if case .ended = self.phase { return }
        self.lastWaiter += 1
        let number = self.lastWaiter
        // Not cancellable: the limit is short.
        _ = await withCheckedContinuation { (waiter: EndWaiter) in self.endWaiters[number] = waiter }
    }

    /// Drops the TCP connection without a word, as a device does that loses power: the broker sends the last will.
    public func abort() {
        self.end(nil)
    }

    var isClosing: Bool {
        if case .closing = self.phase { true } else { false }
    }

    func sendDisconnect(_ handle: MosquittoHandle) {
        self.isDisconnectSent = true
        handle.discardUnsent(false)
        self.settle(handle.disconnect())
    }
}
