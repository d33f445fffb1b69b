import Logging
import StationCore
import StationData

/// Serves the cloud on one authenticated link: answers its calls, tells it what happens, has its word on identity obeyed
/// (contract 4).
///
/// It works from its making until `end`, and nothing of it is left when that returns.
final class CloudSession: LinkSession {
    /// So long the acknowledgement of a reset may take to be sent.
    private static let partingTime = Duration.seconds(5)

    private let legacy: any CloudIdentity
    private let clock: any StationClock
    private let metrics: MetricRegistry
    private let queue: OutgoingQueue
    private let feed: CloudFeed
    private let peer: JSONRPCPeer
    private let reset: @Sendable () async -> Void
    private let work: Task<Void, Never>

    /// - Parameter reset: Called when the cloud's word on identity was that the station is to be reset, and that is
    ///   acknowledged.
    init(
        hub: StationHub, commander: DeviceCommander, legacy: any CloudIdentity, clock: any StationClock,
        metrics: MetricRegistry, logger: Logger, reset: @escaping @Sendable () async -> Void = {}
    ) {
        let queue = OutgoingQueue()
        let feed = CloudFeed(hub: hub, queue: queue, clock: clock, metrics: metrics, logger: logger)
        let methods = CloudMethods(hub: hub, commander: commander, channelsChanged: { feed.channelsChanged() })
        let peer = JSONRPCPeer(
            methods: methods.table,
            instantMethods: [
                "ack": { params throws(JSONRPCError) in
                    feed.acknowledge(try CloudMethods.acknowledged(by: params))
                    return ["ok": true]
                }
            ], queue: queue, clock: clock, metrics: metrics
        )
        self.legacy = legacy
        self.clock = clock
        self.metrics = metrics
        self.queue = queue
        self.feed = feed
        self.peer = peer
        self.reset = reset
        self.work = Task {
            await withDiscardingTaskGroup { group in
                group.addTask { await peer.run() }
                group.addTask { await feed.run() }
            }
        }
    }

    /// Takes a text of the cloud's. Calls are served elsewhere; a message about identity is done when it returns, so
    /// that the next finds its effect.
    func receive(_ text: String) async {
        for rest in await self.peer.receive(text) {
            switch rest {
            case .reply(to: .string(let eventID)) where self.feed.answered(eventID): break
            case .reply: self.metrics.count(.cloudDrops, JSONRPCCore.Drop.unknownReply.rawValue)
            case .legacy(let object): await self.take(object)
            }
        }
    }

    private func take(_ message: JSONObject) async {
        switch await self.legacy.take(message) {
        case .nothing: break
        case .refusal(let refusal): self.queue.answer(JSONValue.object(refusal).description)
        case .reset(let acknowledgement):
            let number = self.queue.answer(JSONValue.object(acknowledgement).description)
            // Whether it arrives or not: the reset is on record, and is done.
            _ = try? await self.clock.limit(to: Self.partingTime) { await self.queue.waitUntilSent(number) }
            await self.reset()
        }
    }

    /// What is to be sent, each text when the one before was taken; for one reader, who says `sent` for each.
    var outgoing: AsyncStream<String> { self.queue.texts }

    /// The socket has taken the oldest text that was taken from `outgoing`.
    func sent() {
        if let row = self.queue.sent() { self.feed.written(row) }
    }

    /// A ping goes out now.
    func pingSent(_ number: Int) {
        self.feed.pingSent(number)
    }

    /// The cloud has answered a ping, and so has everything that was sent before it.
    func pongReceived(_ number: Int) {
        self.feed.pongReceived(number)
    }

    /// How long the oldest message has waited on this link for the cloud to take it; `nil` when none does. The health
    /// figure of contract 4: beyond a minute the link is of no use, connected or not.
    var oldestUnacknowledgedAge: Duration? { self.feed.oldestUnacknowledgedAge }

    /// Calls a method of the cloud.
    func call(
        _ method: String, _ params: JSONObject, within time: Duration = .seconds(10)
    ) async throws(JSONRPCCallError) -> JSONValue {
        try await self.peer.call(method, params, within: time)
    }

    /// The link is over: nothing more is sent, and calls that are being served are given up.
    func end() async {
        self.peer.finish()
        self.queue.finish()
        self.work.cancel()
        await self.work.value
    }
}
