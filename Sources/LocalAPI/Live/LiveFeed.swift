import ServiceLifecycle
import StationCore
import StationData
import Synchronization

/// Hears what the station announces, writes each message once, and leaves it with every client that is connected: nobody
/// waits for anybody.
final class LiveFeed: Service {
    /// The messages that wait for one client. State of the same device is replaced by newer state.
    typealias Inbox = Mailbox<DeviceID, LiveMessage>

    /// As many messages wait for a client; then it is told to read everything again (contract 3).
    static let inboxCapacity = 256
    private static let maximumClients = 256
    private static let maximumClientsOfOne = 32
    /// Beyond any burst: if it is ever too small, every client reads everything again.
    private static let feedCapacity = 8192
    private static let healthPeriod = Duration.seconds(1)

    private struct Client {
        let user: UserID
        let inbox: Inbox
    }

    private let hub: StationHub
    private let health: HealthBoard
    private let clock: any StationClock
    private let clients = Mutex<[ObjectIdentifier: Client]>([:])

    init(hub: StationHub, health: HealthBoard, clock: any StationClock) {
        self.hub = hub
        self.health = health
        self.clock = clock
    }

    var clientCount: Int { self.clients.withLock { $0.count } }

    /// Begins to collect messages for a client; `nil` when there are too many already, in all or of one person.
    func join(_ user: UserID) -> Inbox? {
        let inbox = Inbox(capacity: Self.inboxCapacity)
        return self.clients.withLock { clients in
            guard clients.count < Self.maximumClients,
                clients.values.count(where: { $0.user == user }) < Self.maximumClientsOfOne
            else { return nil }
            clients[ObjectIdentifier(inbox)] = Client(user: user, inbox: inbox)
            return inbox
        }
    }

    func leave(_ inbox: Inbox) {
        self.clients.withLock { $0[ObjectIdentifier(inbox)] = nil }
        inbox.finish()
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask { await self.passOnEvents() }
                group.addTask { await self.watchHealth() }
            }
        }
    }

    private func passOnEvents() async {
        let subscription = self.hub.events.subscribe(capacity: Self.feedCapacity)
        defer { self.hub.events.unsubscribe(subscription) }
        var news = LiveNews(self.hub.devices())
        for await element in subscription {
            switch element {
            case .lagged:
                news = LiveNews(self.hub.devices())
                self.tellAllToResync()
            case .message(let event):
                guard let message = news.message(for: event, device: { self.hub.device($0) }) else { continue }
                self.post(message)
            }
        }
    }

    private func post(_ message: LiveMessage) {
        let clients = self.clients.withLock { Array($0.values) }
        switch message {
        case .account(let user):
            for client in clients where client.user == user { client.inbox.post(message) }
        case .news(.deviceState, let device, _, _):
            for client in clients { client.inbox.post(message, key: device) }
        case .news:
            for client in clients { client.inbox.post(message) }
        }
    }

    private func tellAllToResync() {
        for client in self.clients.withLock({ Array($0.values) }) { client.inbox.lag() }
    }

    /// Tells of the broker and the cloud when what health says of them changes.
    private func watchHealth() async {
        var known: [LiveTopic: HealthBoard.Check] = [:]
        for (topic, check) in self.healthChecks { known[topic] = check }
        while (try? await self.clock.sleep(for: Self.healthPeriod)) != nil {
            for (topic, check) in self.healthChecks where known[topic]?.status != check.status {
                known[topic] = check
                self.post(Self.news(topic, check))
            }
        }
    }

    private var healthChecks: [(LiveTopic, HealthBoard.Check)] {
        [(LiveTopic.mqttStatus, self.health[.mqtt]), (.cloudStatus, self.health[.cloud])].compactMap { topic, check in
            check.map { (topic, $0) }
        }
    }

    /// How broker and cloud are just now: what a new client begins with.
    var statusNews: [LiveMessage] { self.healthChecks.map { Self.news($0, $1) } }

    private static func news(_ topic: LiveTopic, _ check: HealthBoard.Check) -> LiveMessage {
        let json: JSONValue = [
            "type": .string(topic.rawValue), "status": .string(check.status.rawValue),
            "detail": .string(SecretMask.inURLs(check.detail)),
        ]
        return .news(topic, device: nil, places: nil, text: json.description)
    }
}
