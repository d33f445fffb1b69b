import Logging
import ServiceLifecycle
import StationCore
import StationData

/// Lets callers at the network one after the other: at most one scan, which all who ask meanwhile share, and at most one
/// join, which nobody disturbs.
///
/// A join goes on when whoever asked for it is gone: it may well be the join that cuts them off.
actor NetworkDesk {
    /// A scan that is this fresh is not repeated.
    private static let freshness = Duration.seconds(5)
    /// How long the radio may have to be left alone before who asks for it is told to come again; longer than most
    /// connections to a new device take.
    static let quietLimit = Duration.seconds(20)

    typealias ScanResult = Result<[WiFiNetwork], HostFault>

    /// What a join has led to.
    struct Joined: Sendable {
        let wifi: WiFiStatus
        /// Whether new devices will be told to join it, too.
        let isForDevices: Bool
    }

    private let network: any HostNetwork
    private let devices: WiFiSource
    private let radio: RadioQuiet
    private let clock: any StationClock
    private let logger: Logger

    private var scanning: Task<ScanResult, Never>?
    private var lastScan: (networks: [WiFiNetwork], at: MonotonicInstant)?
    private var joining: Task<Result<Joined, HostFault>, Never>?
    private(set) var lastJoin: WiFiJoin?
    private var isStopped = false

    /// - Parameters:
    ///   - devices: The network for new devices: where there is none, it is the one that the station joins.
    ///   - radio: When Wi-Fi is to leave the radio alone, because a device is connected over Bluetooth.
    init(
        network: any HostNetwork, devices: WiFiSource, radio: RadioQuiet, clock: any StationClock, logger: Logger
    ) {
        self.network = network
        self.devices = devices
        self.radio = radio
        self.clock = clock
        self.logger = logger
    }

    /// How things are at this moment.
    ///
    /// - Throws: `HostFault`.
    nonisolated func state() async throws(HostFault) -> NetworkState {
        try await self.network.state()
    }

    /// Which Wi-Fi networks are in reach.
    ///
    /// - Throws: `HostFault`, `.busy` during a join; `CancellationError` when the station stops.
    func scan() async throws -> [WiFiNetwork] {
        guard !self.isStopped else { throw CancellationError() }
        guard self.joining == nil else { throw HostFault.busy }
        if let lastScan, lastScan.at.duration(to: self.clock.now) < Self.freshness { return lastScan.networks }
        let task = self.scanning ?? Task { await self.runScan() }
        self.scanning = task
        let result = await task.value
        guard !self.isStopped else { throw CancellationError() }
        return try result.get()
    }

    private func runScan() async -> ScanResult {
        defer { self.scanning = nil }
        do throws(HostFault) {
            try await self.waitForRadio()
            let networks = try await self.network.scan()
            self.lastScan = (networks, self.clock.now)
            return .success(networks)
        } catch {
            return .failure(error)
        }
    }

    /// Joins a network once a scan that is under way has ended, and tells how that went.
    ///
    /// - Throws: `HostFault`, `.busy` during another join; `CancellationError` when the station stops.
    func join(_ wifi: WiFiCredentials) async throws -> Joined {
        guard !self.isStopped else { throw CancellationError() }
        guard self.joining == nil else { throw HostFault.busy }
        self.lastJoin = WiFiJoin(ssid: wifi.ssid, startedAt: self.clock.wallTime)
        let task = Task { await self.runJoin(wifi) }
        self.joining = task
        let result = await task.value
        if self.isStopped, case .failure = result { throw CancellationError() }
        return try result.get()
    }

    private func runJoin(_ wifi: WiFiCredentials) async -> Result<Joined, HostFault> {
        defer { self.joining = nil }
        if let scanning { _ = await scanning.value }
        // Signals, and which network is joined, are no longer what they were.
        self.lastScan = nil
        do throws(HostFault) {
            try await self.waitForRadio()
            guard !self.isStopped else { throw HostFault.busy }
            let status = try await self.network.join(wifi)
            self.lastJoin?.end(.joined, at: self.clock.wallTime)
            self.logger.notice("the station has joined a Wi-Fi network")
            return .success(Joined(wifi: status, isForDevices: await self.keepForDevices(wifi)))
        } catch {
            self.lastJoin?.end(self.isStopped ? .cancelled : .failed(error), at: self.clock.wallTime)
            self.logger.warning(
                "the station has not joined a Wi-Fi network", metadata: error.metadata
            )
            return .failure(error)
        }
    }

    private func waitForRadio() async throws(HostFault) {
        guard await self.radio.waitUntilOver(within: Self.quietLimit, on: self.clock) else { throw .busy }
    }

    /// Where nobody has said which network new devices are to join, it is the station's own. That this fails undoes no
    /// join.
    private func keepForDevices(_ wifi: WiFiCredentials) async -> Bool {
        do throws(StoreError) {
            guard try await self.devices.stored() == nil else { return false }
            try await self.devices.hub.keepWiFi(wifi)
            return true
        } catch {
            self.logger.warning(
                "the Wi-Fi network could not be kept for new devices", metadata: ["error": "\(error)"]
            )
            return false
        }
    }
}

extension NetworkDesk: Service {
    /// Until the end of the agent: then a join that is under way is given up, which brings the earlier connection back.
    func run() async throws {
        // Cancellation is the only error, and ends it as well.
        try? await gracefulShutdown()
        self.isStopped = true
        self.scanning?.cancel()
        self.joining?.cancel()
        if let joining { _ = await joining.value }
        if let scanning { _ = await scanning.value }
    }
}
