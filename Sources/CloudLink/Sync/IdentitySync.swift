public import Logging
public import StationCore
public import StationData
import Synchronization

/// Obeys the cloud's messages about who belongs to the station: each in one transaction, or not at all (contract 4,
/// "Legacy messages").
public final class IdentitySync: CloudIdentity {
    /// As many unknown types are remembered, so that each is logged once.
    private static let rememberedTypes = 64
    private static let longestShownType = 64
    private static let acknowledgement: JSONObject = ["type": "station_reset_ack"]

    private let hub: StationHub
    private let logger: Logger
    private let unknownTypes = Mutex<Set<String>>([])
    /// A cloud that is out of its mind must not fill the log.
    private static let refusalLines = TokenBucket.Limit(perSecond: 0.1, burst: 20)
    private let lines: Mutex<TokenBucket>
    private let clock: any StationClock

    public init(hub: StationHub, clock: any StationClock = SystemStationClock(), logger: Logger) {
        self.hub = hub
        self.clock = clock
        self.logger = logger
        self.lines = Mutex(TokenBucket(limit: Self.refusalLines, at: clock.now))
    }

    public func take(_ message: JSONObject) async -> CloudIdentityReply {
        do {
            guard let known = try IdentityMessage(message) else {
                self.noteUnknown(message)
                return .nothing
            }
            try await self.obey(known)
            self.logger.info("the cloud's word was taken", metadata: ["type": "\(Self.type(of: message))"])
            return known == .stationReset ? .reset(acknowledgement: Self.acknowledgement) : .nothing
        } catch {
            let now = self.clock.now
            let isTold = self.lines.withLock { $0.take(Self.refusalLines, at: now) }
            self.logger.log(
                level: isTold ? .warning : .debug, "a message of the cloud was refused",
                metadata: ["type": "\(Self.type(of: message))", "reason": "\(error)"]
            )
            return .refusal(Self.refusal(of: message, because: error))
        }
    }

    private func obey(_ message: IdentityMessage) async throws(StoreError) {
        switch message {
        case .sync(let roster): try await self.hub.apply(roster)
        case .stationRenamed(let name): try await self.hub.renameStation(name)
        case .memberAdded(let member): try await self.hub.addCloudMember(member)
        case .memberUpdated(let changes): try await self.hub.updateCloudMember(changes)
        // Somebody who is not here is gone already: the cloud may say it twice.
        case .memberRemoved(let id): try await self.hub.removeCloudMember(id)
        case .passwordChanged(let id, let hash): try await self.hub.setCloudPassword(hash, of: id)
        case .stationReset: try await self.hub.beginReset()
        }
    }

    private static func refusal(of message: JSONObject, because error: any Error) -> JSONObject {
        let reason: String
        switch error {
        case let error as IdentityFault: reason = error.description
        // The cause may name files and statements: it is for the log.
        case StoreError.unavailable, StoreError.newerSchema, StoreError.disk:
            reason = "The station's store cannot be used just now."
        case let error as StoreError: reason = error.description
        default: reason = "The station could not do it."
        }
        let isNamed = message["id"]?.stringValue != nil || message["id"]?.doubleValue != nil
        return [
            "type": "error", "message": .string(reason),
            "inReplyTo": (isNamed ? message["id"] : message["type"]) ?? .null,
        ]
    }

    private static func type(of message: JSONObject) -> String {
        String((message["type"]?.stringValue ?? "").prefix(Self.longestShownType))
    }

    private func noteUnknown(_ message: JSONObject) {
        let type = Self.type(of: message)
        let isNew = self.unknownTypes.withLock { types in
            types.count < Self.rememberedTypes && types.insert(type).inserted
        }
        guard isNew else { return }
        self.logger.notice("the cloud says something that this version does not know", metadata: ["type": "\(type)"])
    }
}
