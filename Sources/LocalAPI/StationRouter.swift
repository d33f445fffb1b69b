import Accounts
import Hummingbird
import StationCore
import StationData

/// Which route is behind which hook: the API's table of contents.
struct StationRouter {
    let configuration: LocalAPIConfiguration
    let hub: StationHub
    let commander: DeviceCommander
    let desk: AccountDesk
    let firmware: FirmwareLibrary
    let offers: FirmwareOffers
    let feed: LiveFeed
    let provisioning: any DeviceProvisioning
    let broker: BrokerAuthority
    let logins: any LoginProjection
    var cloud: any CloudLinking = NoCloud()
    let network: NetworkDesk
    let system: SystemDesk
    let health: HealthBoard
    let metrics: MetricRegistry
    let clock: any StationClock

    var book: RouteBook {
        var book = RouteBook()
        let hooks = Hooks(
            hub: self.hub, desk: self.desk, authority: self.broker, agentToken: self.configuration.agentToken,
            brokers: self.configuration.brokerAddresses
        )
        let startedAt = self.clock.now

        HealthRoutes(
            health: self.health, version: self.configuration.version, clock: self.clock, startedAt: startedAt
        ).add(to: &book)
        MetricRoutes(metrics: self.metrics).add(to: &book, hooks)

        AuthRoutes(desk: self.desk, hub: self.hub).add(to: &book, hooks)
        UserRoutes(hub: self.hub).add(to: &book, hooks)
        MemberRoutes(desk: self.desk, hub: self.hub).add(to: &book, hooks)
        StationRoutes(
            hub: self.hub, stationID: self.configuration.stationID, version: self.configuration.version,
            clock: self.clock, startedAt: startedAt
        ).add(to: &book, hooks)

        CloudRoutes(cloud: self.cloud).add(to: &book, hooks)
        NetworkRoutes(desk: self.network).add(to: &book, hooks)
        SystemRoutes(desk: self.system, version: self.configuration.version).add(to: &book, hooks)

        DeviceRoutes(hub: self.hub, commander: self.commander, logins: self.logins).add(to: &book, hooks)
        ReadingRoutes(hub: self.hub, clock: self.clock).add(to: &book, hooks)
        PlaceRoutes(hub: self.hub).add(to: &book, hooks)
        PlaceMemberRoutes(hub: self.hub).add(to: &book, hooks)
        PlaceDeviceRoutes(hub: self.hub, commander: self.commander, logins: self.logins).add(to: &book, hooks)
        SensorRoutes(hub: self.hub).add(to: &book, hooks)
        ActuatorRoutes(hub: self.hub).add(to: &book, hooks)
        TelemetryRoutes(hub: self.hub).add(to: &book, hooks)
        AlertRoutes(hub: self.hub).add(to: &book, hooks)
        ZoneRoutes(hub: self.hub).add(to: &book, hooks)
        DeviceTypeRoutes(registry: self.hub.registry).add(to: &book, hooks)
        DeviceEventRoutes(hub: self.hub).add(to: &book, hooks)
        FirmwareRoutes(
            hub: self.hub, firmware: self.firmware, address: self.offers.address,
            body: ImageBody(limits: self.configuration.limits, clock: self.clock)
        ).add(to: &book, hooks)
        DeviceCallRoutes(hub: self.hub, address: self.offers.address).add(to: &book, hooks)
        FirmwareAgentRoutes(hub: self.hub, firmware: self.firmware, offers: self.offers, address: self.offers.address)
            .add(to: &book, hooks)
        self.addBrokers(to: &book, hooks)
        ProvisioningRoutes(provisioning: self.provisioning, hub: self.hub, configuredWiFi: self.configuration.wifi)
            .add(to: &book, hooks)
        AgentSettingsRoutes(hub: self.hub, configuredWiFi: self.configuration.wifi).add(to: &book, hooks)
        LiveRoutes(
            feed: self.feed, hub: self.hub, desk: self.desk, provisioning: self.provisioning,
            configuration: self.configuration, clock: self.clock
        ).add(to: &book)
        DocumentRoutes(version: self.configuration.version).add(to: &book)
        return book
    }

    private func addBrokers(to book: inout RouteBook, _ hooks: Hooks) {
        GoAuthRoutes(authority: self.broker, body: self.wholeBody).add(to: &book, hooks)
        EMQXRoutes(authority: self.broker, body: self.wholeBody).add(to: &book, hooks)
        CredentialRoutes(hub: self.hub, logins: self.logins, lifetime: self.configuration.credentialLifetime)
            .add(to: &book, hooks)
    }

    func build() -> Router<LocalAPIContext> {
        self.book.router(wholeBody: self.wholeBody)
    }

    private var wholeBody: WholeBody { WholeBody(limits: self.configuration.limits, clock: self.clock) }
}
