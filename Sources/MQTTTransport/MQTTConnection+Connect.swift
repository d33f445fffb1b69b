internal import Glibc
internal import PollLoop

extension MQTTConnection {
    /// During a TLS handshake the library does not say what it waits for, so it is asked this often besides.
    private static let handshakeNudge: Duration = .milliseconds(100)

    func connect() async throws(MQTTError) {
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                self.connectWaiter = waiter
                let limit = self.options.connectDeadline
                self.mainTimer = self.after(limit) { connection in
                    connection.end(.timedOut(what: "no answer from \(connection.endpoint) within \(limit)"))
                }
                self.dial(nil)
            }
        } onCancel: {
            self.onLoop { $0.end(.cancelled) }
        }
        try outcome.get()
    }

    private func dial(_ families: [DialOrder.Family]?) {
        guard let order else { return }
        MosquittoDialler.shared.dial(order, families: families) { result in
            self.onLoop { $0.dialled(result) }
        }
    }

    private func dialled(_ result: Result<MosquittoDialler.Dialled, MQTTError>) {
        // Too late: the handle goes with the result.
        guard case .connecting = self.phase else { return }
        switch result {
        case .failure(let error): self.end(error)
        case .success(let dialled):
            self.handle = dialled.handle
            self.untriedFamilies = dialled.rest
            self.isSocketConnected = false
            self.watch(dialled.handle)
        }
    }

    private func watch(_ handle: MosquittoHandle) {
        guard let socket = handle.socket else { return self.end(.lost(detail: "no socket")) }
        handle.discardUnsent(true)
        handle.closeOnExec()
        do throws(LoopError) {
            self.registration = try self.loop.register(socket, for: .write) { readiness in
                self.assumeIsolated { $0.ready(readiness) }
            }
        } catch {
            self.end(.lost(detail: "\(error)"))
        }
    }

    /// The socket has news while there is no CONNACK yet, or the handshake timer has come round.
    func proceed() {
        guard case .connecting = self.phase, let handle else { return }
        if !self.isSocketConnected {
            let code = handle.takeSocketError()
            guard code == 0 else { return self.attemptFailed(MosquittoStatus.systemFailure(code, self.endpoint)) }
            self.isSocketConnected = true
            if self.endpoint.useTLS {
                self.sideTimer = self.after(Self.handshakeNudge, repeating: Self.handshakeNudge) { $0.proceed() }
            }
        }
        // Reading drives the TLS handshake; the CONNECT goes out with the write after it.
        var status = handle.read()
        if status.isSuccess { status = handle.write() }
        if let code = handle.events.connectAnswer {
            return code == 0 ? self.accepted(handle, status) : self.end(Self.rejection(code))
        }
        guard status.isSuccess else {
            return self.attemptFailed(status.connectFailure(self.endpoint, detail: handle.loggedErrors))
        }
        // The library does not notice the end of the stream during a TLS handshake, and epoll would tell for ever.
        if handle.isPeerGone {
            return self.end(MosquittoStatus.closedEarly)
        }
        self.setInterest(self.endpoint.useTLS ? .read : handle.wantsToWrite ? .readWrite : .read)
    }

    private func accepted(_ handle: MosquittoHandle, _ status: MosquittoStatus) {
        self.phase = .open
        handle.stopLogging()
        for timer in [self.mainTimer, self.sideTimer] {
            if let timer { self.loop.cancel(timer) }
        }
        self.sideTimer = nil
        // The first at random, so that the turns of many connections are spread over the second.
        let first = Duration.milliseconds(Int.random(in: 0..<1_000))
        self.mainTimer = self.after(first, repeating: .seconds(1)) { $0.keepAlive() }
        self.connectWaiter?.resume(returning: .success(()))
        self.connectWaiter = nil
        self.settle(status)
    }

    /// Tries the next address family, if it may help and there is one.
    private func attemptFailed(_ error: MQTTError) {
        switch error {
        case .refused, .unreachable:
            guard !self.untriedFamilies.isEmpty else { return self.end(error) }
            let rest = self.untriedFamilies
            self.dropHandle()
            self.dial(rest)
        default: self.end(error)
        }
    }

    /// MQTT 3.1.1, table 3.1.
    private static func rejection(_ code: Int32) -> MQTTError {
        let reason: String? =
            switch code {
            case 1: "unacceptable protocol version"
            case 2: "client id not allowed"
            case 3: "server unavailable"
            case 4: "bad user name or password"
            case 5: "not authorized"
            default: nil
            }
        guard let reason else { return .malformed(detail: "unknown return code \(code) in CONNACK") }
        return .rejected(code: Int(code), reason: reason)
    }
}
