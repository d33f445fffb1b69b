import StationCore
import Synchronization

/// From where one client of `/ws` watches the provisioning, while it wants to (contract 5, "Scan life-cycle").
final class ProvisioningSeat: Sendable {
    private struct State {
        /// Passes on what is seen; `nil` while the client does not watch.
        var watching: Task<Void, Never>?
        var isClosed = false
    }

    private let provisioning: any DeviceProvisioning
    private let inbox: LiveClient.Inbox
    private let state = Mutex(State())

    init(_ provisioning: any DeviceProvisioning, inbox: LiveClient.Inbox) {
        self.provisioning = provisioning
        self.inbox = inbox
    }

    /// Begins to watch, or begins anew: the client is told once more what is in sight.
    func take() {
        self.change { state in
            if !state.isClosed { state.watching = self.watch() }
        }
    }

    /// Begins anew for a client that watches and has missed something.
    func renew() {
        self.change { state in
            if state.watching != nil { state.watching = self.watch() }
        }
    }

    /// Watches no more.
    func leave() {
        self.change { $0.watching = nil }
    }

    /// Watches no more, and never again.
    func close() {
        self.change { $0 = State(isClosed: true) }
    }

    /// A new watch begins before the one before it ends: with the last one the search would end, and what it has found
    /// be forgotten.
    private func change(_ body: (inout State) -> Void) {
        let before = self.state.withLock { state in
            let before = state.watching
            body(&state)
            return state.watching == before ? nil : before
        }
        before?.cancel()
    }

    private func watch() -> Task<Void, Never> {
        let watch = self.provisioning.watch()
        let inbox = self.inbox
        return Task {
            for await event in watch where !Task.isCancelled {
                inbox.post(.provisioning(text: event.json.description), key: LiveKey(event))
            }
        }
    }
}
