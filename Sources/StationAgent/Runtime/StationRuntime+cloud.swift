import CloudLink
import Glibc
import Logging
import ServiceLifecycle
import StationCore
import StationData

extension StationRuntime {
    /// The service manager starts the agent anew; a graceful stop writes all that waits before.
    static let restart: @Sendable () -> Void = { kill(getpid(), SIGTERM) }

    /// The link to the cloud, if there is one, and what must run for it. Without a cloud a reset that was begun under one
    /// is brought to its end all the same.
    ///
    /// - Throws: `ProxySetting.Fault`.
    func cloud(
        hub: StationHub, commander: DeviceCommander, channel: any CommandChannel
    ) throws -> (link: any CloudLinking, service: any Service) {
        let logger = self.setup.log.logger("station.cloud")
        let devices = DeviceFactoryReset(hub: hub, channel: channel, clock: self.clock, logger: logger)
        let section = self.configuration.cloud
        guard let address = section.address else {
            self.health.report(.cloud, .off, "no cloud is configured")
            return (
                NoCloud(),
                StationReset(hub: hub, devices: devices, clock: self.clock, logger: logger, restart: Self.restart)
            )
        }
        let proxy =
            address.usesTLS
            ? try ProxySetting.proxy(toHost: address.host, port: address.port, environment: self.environment) : nil
        let uplink = CloudUplink(
            configuration: CloudLinkConfiguration(
                host: address.host, port: address.port, useTLS: address.usesTLS, caFile: section.caFile,
                maxBackoff: section.maxBackoff, proxy: proxy
            ),
            hub: hub, commander: commander, factoryReset: devices, health: self.health, metrics: self.metrics,
            clock: self.clock, logger: logger, restart: Self.restart
        )
        return (uplink, uplink)
    }
}
