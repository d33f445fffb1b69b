import Logging
import StationCore
import StationData

/// The station behind the link: its hub, those who take the cloud's word on identity, and what a reset does.
struct HubLinkStation: LinkStation {
    let hub: StationHub
    let commander: DeviceCommander
    let identity: any CloudIdentity
    let reset: StationReset
    let clock: any StationClock
    let metrics: MetricRegistry
    let logger: Logger

    var credentials: LinkCredentials {
        let claim = self.hub.cloudClaim
        return LinkCredentials(chipID: claim.chipID, claimSecret: claim.claimSecret, stationToken: claim.stationToken)
    }

    var figures: LinkFigures {
        let claim = self.hub.cloudClaim
        return LinkFigures(
            claimedAt: claim.claimedAt, channels: claim.channels, outboxDepth: self.hub.outboxDepth
        )
    }

    func credentialChanges() -> AsyncStream<Void> {
        let events = self.hub.events
        let subscription = events.subscribe(to: .cloud)
        let (changes, input) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let following = Task {
            for await _ in subscription { input.yield() }
        }
        input.onTermination = { _ in
            following.cancel()
            events.unsubscribe(subscription)
        }
        return changes
    }

    func claim(with token: Secret) async throws {
        try await self.hub.claim(with: token)
    }

    func setTokenAside() async throws {
        try await self.hub.setTokenAside()
    }

    func unclaim() async throws {
        try await self.hub.unclaim()
    }

    func beginReset() async -> String? {
        guard case .reset(let acknowledgement) = await self.identity.take(["type": "station_reset"]) else { return nil }
        return JSONValue.object(acknowledgement).description
    }

    func finishReset() async {
        // The cloud may close the connection, and so end its tasks, while the reset is under way.
        let reset = self.reset
        await Task { _ = await reset.runIfPending() }.value
    }

    func makeSession() -> any LinkSession {
        CloudSession(
            hub: self.hub, commander: self.commander, legacy: self.identity, clock: self.clock, metrics: self.metrics,
            logger: self.logger, reset: self.finishReset
        )
    }
}
