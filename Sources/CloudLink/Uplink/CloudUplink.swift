public import Logging
public import ServiceLifecycle
public import StationCore

/// Keeps the station's one connection to its cloud (contract 4): claims, authenticates, stays, comes back. A cloud that is
/// away never ends it.
public final class CloudUplink: Service, CloudLinking {
    /// So often health looks whether data is stuck.
    private static let healthPeriod = Duration.seconds(10)

    private let station: any LinkStation
    private let driver: LinkDriver
    private let report: LinkReport
    private let clock: any StationClock
    private let logger: Logger

    /// - Parameters:
    ///   - rules: nil for those of the contract, with the configuration's longest pause.
    public init(
        configuration: CloudLinkConfiguration, rules: LinkRules? = nil, station: any LinkStation, health: HealthBoard,
        metrics: MetricRegistry, clock: any StationClock, logger: Logger
    ) {
        self.station = station
        self.clock = clock
        self.logger = logger
        self.report = LinkReport(host: configuration.address, station: station, health: health)
        self.driver = LinkDriver(
            configuration: configuration, rules: rules ?? LinkRules(longestPause: configuration.maxBackoff),
            station: station, report: self.report, metrics: metrics, clock: clock, logger: logger
        )
        metrics.gauge("station_cloud_connected", help: "Whether the cloud has accepted the station (1).") { [report] in
            report.status.state == .authenticated ? 1 : 0
        }
    }

    public var status: CloudStatus { self.report.status }

    public var claimOffer: CloudClaimOffer? {
        let credentials = self.station.credentials
        guard credentials.stationToken == nil else { return nil }
        return CloudClaimOffer(chipID: credentials.chipID, claimSecret: credentials.claimSecret)
    }

    /// Ends the cloud's hold on the station, and connects anew as unclaimed.
    ///
    /// - Throws: What the store throws; then the station is claimed as before.
    public func unclaim() async throws {
        try await self.station.unclaim()
        await self.driver.credentialsChanged()
    }

    /// The network has changed: an open connection has 5 s to prove that it still lives.
    public func networkChanged() {
        Task { await self.driver.networkChanged() }
    }

    /// Keeps the link until the service is told to stop; then says farewell to the cloud. Never throws.
    public func run() async throws {
        // One that a crash has interrupted.
        await self.station.finishReset()
        let changes = self.station.credentialChanges()
        await self.driver.start()
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask { await self.follow(changes) }
                group.addTask { await self.watchNetwork() }
                group.addTask { await self.keepHealthUpToDate() }
            }
        }
        await self.driver.stop()
    }

    private func follow(_ changes: AsyncStream<Void>) async {
        for await _ in changes { await self.driver.credentialsChanged() }
    }

    private func watchNetwork() async {
        do throws(NetworkWatch.Fault) {
            for await _ in try NetworkWatch.changes() { await self.driver.networkChanged() }
        } catch {
            // The heartbeat notices a dead connection too, only later.
            self.logger.info("changes of the network are not noticed", metadata: ["error": "\(error)"])
        }
    }

    private func keepHealthUpToDate() async {
        while await self.clock.pause(for: Self.healthPeriod) { self.report.tellHealth() }
    }
}
