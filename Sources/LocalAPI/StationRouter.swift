import Hummingbird
import StationCore
import StationData

/// Which route is behind which hook: the API's table of contents.
struct StationRouter {
    let configuration: LocalAPIConfiguration
    let hub: StationHub
    let commander: DeviceCommander
    let health: HealthBoard
    let metrics: MetricRegistry
    let clock: any StationClock

    func build() -> Router<LocalAPIContext> {
        let router = Router(context: LocalAPIContext.self, options: [.autoGenerateHeadEndpoints])
        let agentToken = VerifyAgentToken(token: self.configuration.agentToken)
        let wholeBody = WholeBody(limits: self.configuration.limits, clock: self.clock)

        HealthRoutes(
            health: self.health, version: self.configuration.version, clock: self.clock, startedAt: self.clock.now
        ).add(to: router)

        let monitors = router.group().add(middleware: RequireCaller(FromLoopback(), agentToken))
        MetricRoutes(metrics: self.metrics).add(to: monitors)

        let agents = router.group().add(middleware: RequireCaller(agentToken)).add(middleware: wholeBody)
        DeviceRoutes(hub: self.hub, commander: self.commander).add(to: agents)
        ReadingRoutes(hub: self.hub, clock: self.clock).add(to: agents)
        DeviceTypeRoutes(registry: self.hub.registry).add(to: agents)
        DeviceEventRoutes(hub: self.hub).add(to: agents)
        return router
    }
}
