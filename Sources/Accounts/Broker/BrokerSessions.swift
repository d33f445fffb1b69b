import Crypto
import StationCore
import Synchronization

/// Who was let in at the brokers that ask, for the questions that show nothing themselves (contract 6, "HTTP fronts").
///
/// A session that is over stays until its place is needed: who has had one is not taken for whoever else has its name.
final class BrokerSessions: Sendable {
    /// Of more, that goes which was not used for the longest time.
    static let capacity = 10_000

    /// What is known of a client.
    enum Finding: Hashable {
        case live(BrokerIdentity)
        case over
        case unknown
    }

    /// Names as one digest. To Swift two texts can be equal that a broker holds apart, so they are told apart by their
    /// bytes; and however long a client makes its names, they take no more room than others.
    fileprivate struct Key: Hashable {
        private let digest: SHA256.Digest

        init(_ names: String?...) {
            var hash = SHA256()
            for name in names {
                let bytes = Array((name ?? "").utf8)
                hash.update(data: Array("\(bytes.count):".utf8))
                hash.update(data: bytes)
            }
            self.digest = hash.finalize()
        }
    }

    fileprivate struct Entry {
        let client: Key
        let name: Key
        var session: BrokerSession
    }

    fileprivate struct State {
        var entries: [Entry] = []
        var order = UseOrder()
        var places: [Key: Int] = [:]
        var placesOfNames: [Key: Set<Int>] = [:]
    }

    private let state = Mutex(State())

    var count: Int { self.state.withLock { $0.entries.count } }

    /// Remembers who a client is, in place of what was known of it.
    func keep(_ session: BrokerSession, of caller: BrokerCaller) {
        // Without any name the next question could be anybody's.
        guard caller.clientID != nil || caller.username != nil else { return }
        let entry = Entry(client: Self.client(caller), name: Self.name(caller), session: session)
        self.state.withLock { $0.keep(entry) }
    }

    /// Who a client is.
    func find(_ caller: BrokerCaller, at time: Timestamp) -> Finding {
        let key = Self.client(caller)
        return self.state.withLock { state in
            guard let place = state.places[key] else { return .unknown }
            guard state.entries[place].session.isLive(at: time) else { return .over }
            state.order.use(place)
            return .live(state.entries[place].session.identity)
        }
    }

    /// Whether there are live sessions with a user name, and each of them is of somebody who is what is asked.
    func areAll(
        named caller: BrokerCaller, at time: Timestamp, _ isWanted: (BrokerIdentity) -> Bool
    ) -> Bool {
        let name = Self.name(caller)
        return self.state.withLock { state in
            var isAny = false
            for place in state.placesOfNames[name] ?? [] where state.entries[place].session.isLive(at: time) {
                guard isWanted(state.entries[place].session.identity) else { return false }
                isAny = true
            }
            return isAny
        }
    }

    private static func client(_ caller: BrokerCaller) -> Key {
        Key(caller.broker, caller.clientID, caller.username)
    }

    private static func name(_ caller: BrokerCaller) -> Key {
        Key(caller.broker, caller.username)
    }
}

extension BrokerSessions.State {
    fileprivate mutating func keep(_ entry: BrokerSessions.Entry) {
        if let place = self.places[entry.client] {
            self.entries[place].session = entry.session
            self.order.use(place)
            return
        }
        guard self.entries.count >= BrokerSessions.capacity, let oldest = self.order.oldest else {
            let place = self.order.add()
            self.entries.append(entry)
            self.note(entry, at: place)
            return
        }
        let gone = self.entries[oldest]
        self.places[gone.client] = nil
        self.placesOfNames[gone.name]?.remove(oldest)
        if self.placesOfNames[gone.name]?.isEmpty == true { self.placesOfNames[gone.name] = nil }
        self.entries[oldest] = entry
        self.order.use(oldest)
        self.note(entry, at: oldest)
    }

    private mutating func note(_ entry: BrokerSessions.Entry, at place: Int) {
        self.places[entry.client] = place
        self.placesOfNames[entry.name, default: []].insert(place)
    }
}
