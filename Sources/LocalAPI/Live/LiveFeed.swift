import ServiceLifecycle
import StationCore
import StationData
import Synchronization

/// Hears what the station announces, writes each message once, and leaves it with every client that is connected: nobody
/// waits for anybody.
final class LiveFeed: Service {
    private static let maximumClients = 256
    private static let maximumClientsOfOne = 32
    /// Beyond any burst: if it is ever too small, every client reads everything again.
    private static let feedCapacity = 8192
    /// As many events are passed on together at most.
    private static let roundSize = 64
    /// No more than 20 000 writes a second to all clients together.
    private static let timePerClient = Duration.microseconds(50)

    private struct Member {
        let user: UserID
        let client: LiveClient
    }

    /// While anybody is connected the hub is listened to. While nobody is, it need not even make the events of reports.
    private struct Hearing: Sendable {
        let subscription: EventBus.Subscription
        let whereabouts: DeviceWhereabouts
    }

    private struct State {
        var members: [ObjectIdentifier: Member] = [:]
        var subscription: EventBus.Subscription?
    }

    private let hub: StationHub
    private let health: HealthBoard
    private let clock: any StationClock
    private let state = Mutex(State())
    private let hearings: AsyncStream<Hearing>
    private let hearingInput: AsyncStream<Hearing>.Continuation

    init(hub: StationHub, health: HealthBoard, clock: any StationClock) {
        self.hub = hub
        self.health = health
        self.clock = clock
        (self.hearings, self.hearingInput) = AsyncStream.makeStream()
    }

    var clientCount: Int { self.state.withLock { $0.members.count } }

    /// Begins to collect messages for a client of somebody's; false when there are too many already, in all or of one
    /// person.
    func join(_ client: LiveClient, of user: UserID) -> Bool {
        let isIn = self.state.withLock { state in
            guard state.members.count < Self.maximumClients,
                state.members.values.count(where: { $0.user == user }) < Self.maximumClientsOfOne
            else { return false }
            state.members[ObjectIdentifier(client)] = Member(user: user, client: client)
            if state.subscription == nil {
                let subscription = self.hub.events.subscribe(capacity: Self.feedCapacity)
                state.subscription = subscription
                let whereabouts = DeviceWhereabouts(self.hub.devices())
                self.hearingInput.yield(Hearing(subscription: subscription, whereabouts: whereabouts))
            }
            return true
        }
        // After that: what changes from now on is told.
        if isIn { client.look(at: self.hub) }
        return isIn
    }

    func leave(_ client: LiveClient) {
        self.state.withLock { state in
            state.members[ObjectIdentifier(client)] = nil
            if state.members.isEmpty, let subscription = state.subscription.take() {
                self.hub.events.unsubscribe(subscription)
            }
        }
        client.finish()
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask {
                    for await hearing in self.hearings { await self.passOn(hearing) }
                }
                group.addTask { await self.watchHealth() }
            }
        }
    }

    private func passOn(_ hearing: Hearing) async {
        var whereabouts = hearing.whereabouts
        while case let elements = await hearing.subscription.batch(upTo: Self.roundSize), !elements.isEmpty {
            var round: [LiveDraft] = []
            for element in elements {
                switch element {
                case .lagged:
                    whereabouts = DeviceWhereabouts(self.hub.devices())
                    round = []
                    for member in self.everybody {
                        self.accountHasChanged(of: member)
                        member.client.inbox.lag()
                    }
                case .message(let event):
                    if let user = LiveNews.account(of: event) {
                        // What was before is for those who could see it then.
                        self.post(round)
                        round = []
                        for member in self.everybody where member.user == user { self.accountHasChanged(of: member) }
                    } else if let subject = LiveNews.subject(of: event, in: &whereabouts, hub: self.hub) {
                        round.append(LiveDraft(subject: subject) { LiveNews.text(of: event) })
                    }
                }
            }
            self.post(round)
            if elements.count < Self.roundSize { await self.rest() }
        }
    }

    /// Each round is a write for every client. With few of them the next follows at once; with many, what comes in quick
    /// succession goes out together, or the machine would do nothing else.
    private func rest() async {
        let pause = Self.timePerClient * self.clientCount
        guard pause >= .milliseconds(1) else { return }
        // Cancellation is the only error, and whoever reads the subscription notices it.
        await self.clock.pause(for: pause)
    }

    private var everybody: [Member] { self.state.withLock { Array($0.members.values) } }

    /// Whoever is signed in there may see other places now, or none.
    private func accountHasChanged(of member: Member) {
        if member.client.look(at: self.hub) { member.client.inbox.post(.resync) }
        member.client.accountHasChanged()
    }

    /// Leaves messages with those who want them; what nobody wants is not even written.
    private func post(_ round: [LiveDraft]) {
        guard !round.isEmpty else { return }
        var written: [LiveMessage?] = Array(repeating: nil, count: round.count)
        for member in self.everybody {
            let interest = member.client.interest
            let wanted = round.indices.filter { interest.includes(round[$0].subject) }
            guard !wanted.isEmpty else { continue }
            for index in wanted where written[index] == nil { written[index] = round[index].message }
            member.client.inbox.post(
                wanted.lazy.compactMap { index in written[index].map { (message: $0, key: round[index].key) } })
        }
    }

    /// Tells of the broker and the cloud when what health says of them changes.
    private func watchHealth() async {
        for await component in self.health.changes() {
            guard let topic = LiveTopic(component), let text = self.text(of: component) else { continue }
            self.post([LiveDraft(subject: LiveSubject(topic: topic, device: nil, places: nil)) { text }])
        }
    }

    /// How broker and cloud are just now: what a new client begins with.
    var statusTexts: [String] { [.mqtt, .cloud].compactMap(self.text(of:)) }

    private func text(of component: HealthBoard.Component) -> String? {
        guard let topic = LiveTopic(component), let check = self.health[component] else { return nil }
        let json: JSONValue = [
            "type": .string(topic.rawValue), "status": .string(check.status.rawValue),
            "detail": .string(SecretMask.inURLs(check.detail)),
        ]
        return json.description
    }
}
