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

    private struct Client {
        let user: UserID
        let inbox: Inbox
    }

    private let hub: StationHub
    private let health: HealthBoard
    private let clients = Mutex<[ObjectIdentifier: Client]>([:])

    init(hub: StationHub, health: HealthBoard) {
        self.hub = hub
        self.health = health
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
        for await component in self.health.changes() {
            guard let news = self.news(of: component) else { continue }
            self.post(news)
        }
    }

    /// How broker and cloud are just now: what a new client begins with.
    var statusNews: [LiveMessage] { [.mqtt, .cloud].compactMap(self.news(of:)) }

    private func news(of component: HealthBoard.Component) -> LiveMessage? {
        guard let topic = LiveTopic(component), let check = self.health[component] else { return nil }
        let json: JSONValue = [
            "type": .string(topic.rawValue), "status": .string(check.status.rawValue),
            "detail": .string(SecretMask.inURLs(check.detail)),
        ]
        return .news(topic, device: nil, places: nil, text: json.description)
    }
}

extension LiveTopic {
    /// The parts of the station whose health concerns everybody.
    fileprivate init?(_ component: HealthBoard.Component) {
        switch component {
        case .mqtt: self = .mqttStatus
        case .cloud: self = .cloudStatus
        case .store, .ble, .clock: return nil
        }
    }
}
