import StationCore
import StationData
import Synchronization

/// Learns from the broker's own log who is refused (contract 6): the broker names neither client nor reason when it
/// refuses, only, a line before, where a connection came from. Where a device was let in before, its address is known.
final class RefusalWatch: Sendable {
    /// Where Mosquitto publishes the lines of its log that are notices, given `log_dest topic`.
    static let topic = "$SYS/broker/log/N"
    private static let maximumAddresses = 4096
    /// Connections that have not said who they are; more of them are a scan, and tell nothing.
    private static let maximumOpenings = 256

    private struct State {
        /// Connections that have not been let in yet, `address:port`, the oldest first.
        var openings: [String] = []
        /// Which devices were let in from an address; what two have been let in from tells nothing.
        var devices: [String: Set<ExternalID>] = [:]
    }

    private let state = Mutex(State())
    private let hub: StationHub
    private let refusals: RefusedLogins
    private let clock: any StationClock
    private let onRefusal: @Sendable () -> Void

    init(
        hub: StationHub, refusals: RefusedLogins, clock: any StationClock, onRefusal: @escaping @Sendable () -> Void
    ) {
        self.hub = hub
        self.refusals = refusals
        self.clock = clock
        self.onRefusal = onRefusal
    }

    /// Takes a line of the log.
    func receive(_ payload: [UInt8]) {
        switch BrokerLogLine(String(decoding: payload.prefix(1024), as: UTF8.self)) {
        case .opened(let peer):
            self.state.withLock { state in
                if state.openings.count >= Self.maximumOpenings { state.openings.removeAll() }
                state.openings.append(peer)
            }
        case .connected(let peer, let client):
            let address = BrokerLogLine.address(of: peer)
            let device = self.device(client)
            self.state.withLock { state in
                state.openings.removeAll { $0 == peer }
                guard let device else { return }
                if state.devices.count >= Self.maximumAddresses { state.devices.removeAll() }
                if state.devices[address, default: []].count < 2 { state.devices[address, default: []].insert(device) }
            }
            self.refusals.forget(device?.description ?? client)
            self.refusals.forget(address)
        case .refused:
            let found = self.state.withLock { state -> (address: String, devices: Set<ExternalID>)? in
                guard !state.openings.isEmpty else { return nil }
                let address = BrokerLogLine.address(of: state.openings.removeFirst())
                return (address, state.devices[address] ?? [])
            }
            guard let found else { return }
            self.note(found.address, found.devices.count == 1 ? found.devices.first : nil)
            self.onRefusal()
        case nil:
            return
        }
    }

    /// A device by either of its names at the broker.
    private func device(_ client: String) -> ExternalID? {
        let name =
            client.hasPrefix(BrokerLogin.aliasPrefix) ? client.dropFirst(BrokerLogin.aliasPrefix.count) : client[...]
        return ExternalID(name).flatMap { self.hub.device(named: $0)?.externalID }
    }

    private func note(_ address: String, _ device: ExternalID?) {
        guard let device else { return self.refusals.note(address, .unknown, at: self.clock.now) }
        let isKnown = self.hub.device(named: device) != nil
        self.refusals.note(device.description, isKnown ? .wrongPassword : .removed, at: self.clock.now)
    }
}
