import CloudLink
import Logging
import StationCore
import StationData
import StationTestSupport
import Testing

/// A station that takes the cloud's word on identity.
struct SyncScene {
    static let hash = "$2y$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e"

    let hub: StationHub
    let sync: IdentitySync
    let log: LogRecorder

    /// With the owner `o`, called Olga, and the member `a`.
    static func make() async throws -> SyncScene {
        let scene = try await Self.empty()
        let reply = try await scene.take(
            """
            {"type":"identity_sync","stationName":"Home","ownerCloudUserId":"o","members":[
                {"cloudUserId":"o","email":"o@example.com","name":"Olga","role":"owner"},
                {"cloudUserId":"a","email":"a@example.com","role":"member"}]}
            """
        )
        #expect(reply == .nothing)
        return scene
    }

    static func empty() async throws -> SyncScene {
        let hub = try await StationHub.open(database: StationDatabase.inMemory(), clock: ManualClock())
        let log = LogRecorder()
        return SyncScene(hub: hub, sync: IdentitySync(hub: hub, logger: log.logger), log: log)
    }

    /// Hands in a message as the cloud writes it.
    func take(_ text: String) async throws -> CloudIdentityReply {
        await self.sync.take(try #require(try JSONValue.parse(text).objectValue))
    }

    /// What people look like from outside, the oldest first.
    var people: [String] {
        self.hub.users.map { "\($0.email) \($0.role.rawValue) \($0.cloudUserID ?? "–") \($0.name)" }
    }
}
