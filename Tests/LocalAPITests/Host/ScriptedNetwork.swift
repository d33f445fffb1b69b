import LocalAPI
import StationCore
import StationTestSupport

/// A network of the host that is as the test says, and takes the time that it says.
final class ScriptedNetwork: HostNetwork {
    private struct State {
        var network: Result<NetworkState, HostFault> = .success(ScriptedNetwork.wired)
        var scan: Result<[WiFiNetwork], HostFault> = .success([ScriptedNetwork.home])
        var join: Result<WiFiStatus, HostFault> = .success(ScriptedNetwork.joined)
        var scanCount = 0
        var joins: [WiFiCredentials] = []
        var active = 0
        var mostActive = 0
        var cancelled = 0
        var isHeld = false
        var waiters: [AsyncStream<Never>.Continuation] = []
    }

    static let home = WiFiNetwork(
        ssid: Array("Home".utf8), signal: 70, frequency: 2437, security: .wpa, isJoined: true, isKnown: true
    )
    static let joined = WiFiStatus(
        state: .connected, interface: "wlan0", network: home, addresses: ["192.168.1.20/24", "fe80::1/64"]
    )
    /// By cable, with an idle radio.
    static let wired = NetworkState(
        connectivity: .full, primaryInterface: "eth0", gateway: "192.168.1.1", nameServers: ["192.168.1.1"],
        devices: [
            NetworkDevice(
                interface: "eth0", kind: .ethernet, state: .connected, hardwareAddress: "DC:A6:32:00:00:01",
                connection: "Wired connection 1", addresses: ["192.168.1.10/24"]
            ),
            NetworkDevice(interface: "wlan0", kind: .wifi, state: .disconnected),
        ],
        wifi: WiFiStatus(state: .disconnected, interface: "wlan0")
    )

    private let state = Locked(State())

    // MARK: For the test

    var scanCount: Int { self.state.value.scanCount }
    var joins: [WiFiCredentials] { self.state.value.joins }
    /// How many scans and joins there were at the same time at most.
    var mostActive: Int { self.state.value.mostActive }
    /// How many scans and joins were under way when their task was cancelled.
    var cancelled: Int { self.state.value.cancelled }
    /// How many scans and joins wait for `release()`.
    var waiting: Int { self.state.value.waiters.count }

    /// Whoever is asked for something that takes time does not answer any more.
    func hold() {
        self.state.withLock { $0.isHeld = true }
    }

    func release() {
        let waiters = self.state.withLock { state in
            state.isHeld = false
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.finish() }
    }

    func set(_ network: Result<NetworkState, HostFault>) {
        self.state.withLock { $0.network = network }
    }

    func setScan(_ scan: Result<[WiFiNetwork], HostFault>) {
        self.state.withLock { $0.scan = scan }
    }

    func setJoin(_ join: Result<WiFiStatus, HostFault>) {
        self.state.withLock { $0.join = join }
    }

    /// Ways to a host with this network and nothing else.
    var ports: HostPorts { HostPorts(network: self, restartAgent: {}) }

    // MARK: HostNetwork

    func state() async throws(HostFault) -> NetworkState {
        try self.state.value.network.get()
    }

    func scan() async throws(HostFault) -> [WiFiNetwork] {
        self.state.withLock { $0.scanCount += 1 }
        await self.takeTime()
        return try self.state.value.scan.get()
    }

    func join(_ wifi: WiFiCredentials) async throws(HostFault) -> WiFiStatus {
        self.state.withLock { $0.joins.append(wifi) }
        await self.takeTime()
        if Task.isCancelled { throw .notJoined(WiFiJoinFailure(.other, rollback: .restored)) }
        return try self.state.value.join.get()
    }

    private func takeTime() async {
        let (stream, continuation) = AsyncStream<Never>.makeStream()
        let isHeld = self.state.withLock { state in
            state.active += 1
            state.mostActive = max(state.mostActive, state.active)
            if state.isHeld { state.waiters.append(continuation) }
            return state.isHeld
        }
        if isHeld { for await _ in stream {} }
        self.state.withLock { state in
            state.active -= 1
            if Task.isCancelled { state.cancelled += 1 }
        }
    }
}
