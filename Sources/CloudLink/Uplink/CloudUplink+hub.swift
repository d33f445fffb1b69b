public import Logging
public import StationCore
public import StationData

extension CloudUplink {
    /// The link of a real station.
    ///
    /// - Parameters:
    ///   - factoryReset: Sends the devices back to how they left the factory, as part of a reset.
    ///   - restart: Ends the agent with exit code 0 after a reset.
    public convenience init(
        configuration: CloudLinkConfiguration, hub: StationHub, commander: DeviceCommander,
        factoryReset: any FactoryReset, health: HealthBoard, metrics: MetricRegistry, clock: any StationClock,
        logger: Logger, restart: @escaping @Sendable () -> Void
    ) {
        let station = HubLinkStation(
            hub: hub, commander: commander, identity: IdentitySync(hub: hub, clock: clock, logger: logger),
            reset: StationReset(hub: hub, devices: factoryReset, clock: clock, logger: logger, restart: restart),
            clock: clock, metrics: metrics, logger: logger
        )
        self.init(
            configuration: configuration, station: station, health: health, metrics: metrics, clock: clock,
            logger: logger
        )
    }
}
