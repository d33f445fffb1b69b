import CloudLink
import Logging
import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("A reset of the station")
struct SyncResetTests {
    /// Notes in which order things happen.
    private final class Devices: FactoryReset {
        let hub: StationHub
        let notes = Locked<[String]>([])

        init(_ hub: StationHub) {
            self.hub = hub
        }

        func factoryResetAll(within time: Duration) async {
            let isOnRecord = self.hub.cloudClaim.resetStep == .devices
            self.notes.withLock { $0.append("devices \(time.components.seconds) s, on record: \(isOnRecord)") }
        }

        func restart() {
            let isOver = self.hub.cloudClaim.resetStep == nil
            self.notes.withLock { $0.append("restart, over: \(isOver)") }
        }
    }

    private static func reset(_ scene: SyncScene, _ devices: Devices) -> StationReset {
        StationReset(
            hub: scene.hub, devices: devices, clock: ManualClock(), logger: Logger(label: "test"),
            restart: { devices.restart() }
        )
    }

    @Test("Nothing happens while none is on record")
    func none() async throws {
        let scene = try await SyncScene.make()
        let devices = Devices(scene.hub)
        let isDone = await Self.reset(scene, devices).runIfPending()
        #expect(!isDone && devices.notes.value == [])
    }

    @Test("First the devices are told, then the claim is wiped, then the agent starts afresh")
    func order() async throws {
        let scene = try await SyncScene.make()
        try await scene.hub.claim(with: Secret("token"))
        _ = try await scene.take(#"{"type":"station_reset"}"#)
        let devices = Devices(scene.hub)
        let isDone = await Self.reset(scene, devices).runIfPending()
        #expect(isDone)
        #expect(devices.notes.value == ["devices 5 s, on record: true", "restart, over: true"])
        #expect(!scene.hub.cloudClaim.isClaimed && scene.people.count == 2)
    }
}
