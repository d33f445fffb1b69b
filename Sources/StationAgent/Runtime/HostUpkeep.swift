import HostControl
import LocalAPI
import Logging
import PollLoop
import ServiceLifecycle
import StationCore
import StationData

/// Keeps the host as a station needs it, and the LAN told of the station. Without D-Bus, NetworkManager or Avahi it waits
/// for them; nothing of what they do ends it.
struct HostUpkeep: Service {
    let bus: HostBus
    let network: NetworkControl
    /// What the LAN is told; `nil` where it cannot reach the station anyway.
    let announcement: StationAnnouncement?
    let api: LocalAPIServer
    let hub: StationHub
    let cloud: any CloudLinking
    let loop: LoopThread
    let clock: any StationClock
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask { await self.network.run() }
                group.addTask { await self.announce() }
            }
        }
        await self.bus.close()
    }

    private func announce() async {
        // Without a port there is nothing to announce; why there is none is told by the server itself.
        guard var announcement, let port = try? await self.api.boundPort else { return }
        announcement.httpPort = UInt16(clamping: port)
        announcement.isClaimed = self.cloud.status.isClaimed
        let advertisement = StationAdvertisement(
            announcement, on: self.loop, clock: self.clock, logger: self.logger
        )
        await withDiscardingTaskGroup { group in
            group.addTask { await advertisement.run() }
            group.addTask { await self.follow(advertisement, isClaimed: announcement.isClaimed) }
        }
    }

    /// Whether the station is claimed is part of what the LAN is told.
    private func follow(_ advertisement: StationAdvertisement, isClaimed: Bool) async {
        var wasClaimed = isClaimed
        let changes = self.hub.events.subscribe()
        for await change in changes {
            switch change {
            case .message(.cloudChanged), .lagged: break
            default: continue
            }
            let isClaimed = self.cloud.status.isClaimed
            guard isClaimed != wasClaimed else { continue }
            wasClaimed = isClaimed
            advertisement.change { $0.isClaimed = isClaimed }
        }
    }
}
