import StationCore
import StationData
import Synchronization

/// What health says of a broker that is there: whom it lets in, and who keeps being refused (contract 6).
final class BrokerCondition: Sendable {
    /// How far the broker's logins are from what they should be.
    enum Enforcement: Sendable, Hashable {
        /// There is no connection, or nothing is known yet.
        case unknown
        /// The broker has no dynamic security, or does not let us use it: it has rules of its own, or asks over HTTP.
        case notOffered
        /// The broker lets in whom it should, but for these.
        case enforcing(stranded: [String])
        case failed(String)
    }

    /// So often it is looked at again while somebody is refused: who has not been for long is forgotten.
    private static let period = Duration.seconds(5)
    /// So many names are told; of more, the number.
    private static let namesTold = 5

    private let configuration: BridgeConfiguration
    private let link: BridgeLink
    private let health: HealthBoard
    private let clock: any StationClock
    private let enforcement = Mutex(Enforcement.unknown)
    private let bell: AsyncStream<Void>
    private let ringer: AsyncStream<Void>.Continuation

    init(configuration: BridgeConfiguration, link: BridgeLink, health: HealthBoard, clock: any StationClock) {
        self.configuration = configuration
        self.link = link
        self.health = health
        self.clock = clock
        (self.bell, self.ringer) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Tells health how things are while there is a connection.
    ///
    /// - Parameter enforcement: News of it, if there is.
    @Sendable
    func report(_ news: Enforcement? = nil) {
        let enforcement = self.enforcement.withLock { enforcement in
            enforcement = news ?? enforcement
            return enforcement
        }
        guard self.link.connection != nil else { return }
        var isFine = true
        var sentences = ["connected to \(self.configuration.endpoint)"]
        switch enforcement {
        case .unknown: break
        case .notOffered:
            sentences.append("the broker itself decides who may do what: it offers the agent no dynamic security")
        case .enforcing([]):
            sentences.append("every client is confined to its own topics")
        case .enforcing(let stranded):
            isFine = false
            sentences.append(
                "\(Self.list(stranded)) cannot log in until the broker is restarted (sudo systemctl restart mosquitto) "
                    + "or the token is renewed"
            )
        case .failed(let reason):
            isFine = false
            sentences.append("the broker's logins are not kept up: \(reason)")
        }
        if self.configuration.access.allowsLegacyDevices {
            isFine = false
            sentences.append("clients without credentials may act as any device (MQTT_LEGACY_DEVICES is on)")
        }
        let refused = self.configuration.access.refusals.current(at: self.clock.now)
        if !refused.isEmpty {
            sentences.append(
                "refused again and again: "
                    + Self.list(refused.map(\.description))
            )
        }
        self.health.report(.mqtt, isFine ? .ok : .degraded, sentences.joined(separator: "; "))
    }

    /// Somebody was refused.
    func refusalCame() {
        self.report()
        self.ringer.yield()
    }

    /// Keeps who is refused for `doctor`, and forgets who has not been for long, until the task is cancelled.
    func keepUp(_ hub: StationHub) async {
        var kept: Set<String>?
        for await _ in self.bell {
            repeat {
                self.report()
                kept = await self.keep(unless: kept, in: hub)
                if kept == [] { break }
                // Cancellation is the only error.
            } while await self.clock.pause(for: Self.period)
        }
    }

    /// Keeps who is refused, unless that is kept already: counts alone are worth no write. Returns what is kept.
    private func keep(unless kept: Set<String>?, in hub: StationHub) async -> Set<String>? {
        let refused = self.configuration.access.refusals.current(at: self.clock.now)
        let names = Set(refused.map { "\($0.who) \($0.reason.rawValue)" })
        guard names != kept else { return kept }
        do throws(StoreError) {
            try await hub.keep(refused)
            return names
        } catch {
            // The store's own health says so, and the next round tries again.
            return nil
        }
    }

    private static func list(_ names: [String]) -> String {
        let told = names.prefix(self.namesTold).joined(separator: ", ")
        return names.count > self.namesTold ? "\(told) and \(names.count - self.namesTold) more" : told
    }
}
