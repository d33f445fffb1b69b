import Logging
import MQTTTransport
import StationCore
import StationData
import Synchronization

/// Keeps the broker's logins and rights as the store and the policy want them (contract 6, "Local broker").
///
/// SQLite is the truth and the broker has a projection of it. On connecting both are compared, and from then on whatever
/// changes is carried over; what is right already is left alone, so that nobody's connection ends without need.
final class BrokerProjection: LoginProjection {
    private struct State {
        var warnings = OccasionLimiter<String>(period: .seconds(60), capacity: 16)
        var control: BrokerControl?
        /// What the broker has; `nil` when that must be asked.
        var known: BrokerState?
        var condition = BrokerCondition.Enforcement.unknown
        var waiters: [AsyncStream<Void>.Continuation] = []
    }

    /// After a fault all is compared again.
    private static let retryPause = Duration.seconds(10)
    private static let settleLimit = Duration.seconds(2)

    let hub: StationHub
    private let answerDeadline: Duration
    let setup: BridgeConfiguration.Access
    let clock: any StationClock
    let logger: Logger
    let metrics: MetricRegistry
    private let purge: SessionPurge
    private let onChange: @Sendable (BrokerCondition.Enforcement) -> Void
    private let state = Mutex(State())
    private let bell: AsyncStream<Void>
    private let ringer: AsyncStream<Void>.Continuation

    /// - Parameter onChange: Called when the condition has changed.
    init(
        configuration: BridgeConfiguration, hub: StationHub, purge: SessionPurge, clock: any StationClock,
        metrics: MetricRegistry, logger: Logger, onChange: @escaping @Sendable (BrokerCondition.Enforcement) -> Void
    ) {
        self.setup = configuration.access
        self.answerDeadline = configuration.answerDeadline
        self.hub = hub
        self.purge = purge
        self.clock = clock
        self.metrics = metrics
        self.logger = logger
        self.onChange = onChange
        (self.bell, self.ringer) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    var condition: BrokerCondition.Enforcement { self.state.withLock { $0.condition } }

    // MARK: The connection

    /// There is a connection, subscribed to the answers.
    func connected(_ connection: MQTTConnection) {
        self.state.withLock { state in
            state.control = BrokerControl(connection, deadline: self.answerDeadline, clock: self.clock)
            state.known = nil
        }
        self.ringer.yield()
    }

    /// The broker does not let us administer it.
    func isNotOffered() {
        self.note(.notOffered)
        self.ringer.yield()
    }

    func disconnected() {
        let control = self.state.withLock { state in
            defer { state.control = nil }
            state.known = nil
            return state.control
        }
        control?.abandon()
        self.note(.unknown)
    }

    /// A message on `BrokerControl.answerTopic` has come.
    func receive(_ payload: [UInt8]) {
        self.state.withLock { $0.control }?.receive(payload)
    }

    func settle() async {
        let (end, ended) = AsyncStream<Void>.makeStream()
        let canBeTold = self.state.withLock { state in
            guard state.control != nil, state.condition != .notOffered else { return false }
            state.waiters.append(ended)
            return true
        }
        guard canBeTold else { return }
        self.ringer.yield()
        // Cancellation is the only error; whoever waits goes on either way.
        _ = try? await self.clock.limit(to: Self.settleLimit) { for await _ in end {} }
    }

    // MARK: The work

    /// Carries over what changes until the task is cancelled.
    func run() async {
        let news = self.hub.events.subscribe(to: .logins, capacity: 64)
        let policies = self.setup.policy.changes()
        await withDiscardingTaskGroup { group in
            group.addTask { for await _ in news { self.ringer.yield() } }
            group.addTask { for await _ in policies { self.ringer.yield() } }
            self.ringer.yield()
            for await _ in self.bell {
                guard await !self.round() else { continue }
                group.addTask {
                    // Cancellation is the only error, and then there is nothing to be tried again.
                    guard await self.clock.pause(for: Self.retryPause) else { return }
                    self.ringer.yield()
                }
            }
            self.hub.events.unsubscribe(news)
            group.cancelAll()
        }
    }

    /// Compares and carries over once. Returns false when that must be tried again.
    private func round() async -> Bool {
        let waiters = self.state.withLock { state in
            defer { state.waiters = [] }
            return state.waiters
        }
        defer { for waiter in waiters { waiter.finish() } }
        var asked: BrokerControl?
        do {
            let plan = try await BrokerPlan(of: self.hub, access: self.setup)
            asked = self.state.withLock { $0.control }
            guard let control = asked, self.condition != .notOffered else {
                try self.setup.copy?.keep(plan)
                // A broker that is not told of logins needs no passwords.
                if self.condition == .notOffered { try await self.hub.forgetPasswords(of: plan.logins) }
                return true
            }
            let work = try await self.carryOver(plan, control)
            // Whoever waits for a login can use it from here on.
            for waiter in waiters { waiter.finish() }
            try self.setup.copy?.keep(plan)
            // Only now: until the copy is written, a broker that is given it could not know them otherwise.
            try await self.hub.forgetPasswords(of: work.settled)
            return self.judge(work)
        } catch let error as BrokerControlError {
            return self.failed(error, of: asked)
        } catch {
            guard !Task.isCancelled else { return true }
            self.warn(error)
            return false
        }
    }

    /// The same fault once a minute: on a disk that is full every change of a login meets it.
    private func warn(_ error: any Error) {
        let words = "\(error)"
        guard self.state.withLock({ $0.warnings.passes(words, at: self.clock.now) }) else { return }
        self.logger.warning("the broker's logins could not be kept up", metadata: ["error": "\(words)"])
    }

    private func failed(_ error: BrokerControlError, of asked: BrokerControl?) -> Bool {
        let (isPresent, wasKnown) = self.state.withLock { state in
            guard state.control === asked else { return (false, false) }
            defer { state.known = nil }
            return (true, state.known != nil)
        }
        // What an earlier connection left unanswered says nothing of the broker that is there now, which all is compared
        // with anyway.
        guard isPresent else { return true }
        // The bridge connects again, and then all is compared.
        if case .connection = error { return true }
        if case .unanswered = error, !wasKnown, self.condition == .unknown {
            self.note(.notOffered)
            self.logger.notice("the broker offers no dynamic security; who may do what is its own business")
            self.ringer.yield()
            return true
        }
        self.note(.failed(error.description))
        self.warn(error)
        return false
    }

    /// What a round has done.
    private struct Outcome {
        var settled: [BrokerLogin]
        var stranded: [BrokerLogin]
        /// The commands that the broker did not carry out, for people.
        var refusals: [String]
    }

    private func carryOver(_ plan: BrokerPlan, _ control: BrokerControl) async throws -> Outcome {
        let known: BrokerState
        if let remembered = self.state.withLock({ $0.known }) {
            known = remembered
        } else {
            known = try await control.readState()
        }
        let difference = BrokerDifference(from: known, to: plan)
        var work = BrokerWork(control: control, purge: self.purge, clock: self.clock, state: known)
        var outcome = Outcome(settled: difference.settled, stranded: difference.stranded, refusals: [])
        do {
            try await work.remove(difference.removals)
            outcome.settled += try await work.perform(difference.steps)
        } catch {
            self.metrics.count(.brokerCommands, by: work.commandCount)
            throw error
        }
        self.metrics.count(.brokerCommands, by: work.commandCount)
        outcome.refusals = work.refusals
        // Another connection may have begun meanwhile; then its own comparison counts.
        self.state.withLock { [state = work.state] projection in
            guard projection.control === control else { return }
            projection.known = outcome.refusals.isEmpty ? state : nil
        }
        for id in difference.steps.flatMap(\.cutOff) { try await self.hub.noteCutOff(id) }
        return outcome
    }

    /// Tells how far the broker is from what it should be. Returns false when that must be tried again.
    private func judge(_ outcome: Outcome) -> Bool {
        for refusal in outcome.refusals {
            self.logger.warning("the broker refused a command", metadata: ["detail": "\(refusal)"])
        }
        if let refusal = outcome.refusals.first {
            self.note(.failed(refusal))
            return false
        }
        self.note(.enforcing(stranded: Self.names(outcome.stranded)))
        return true
    }

    /// Devices by the one name that people know them by.
    private static func names(_ logins: [BrokerLogin]) -> [String] {
        Set(
            logins.map { login in
                if case .device(_, let name) = login.owner { name.description } else { login.username }
            }
        ).sorted()
    }

    private func note(_ condition: BrokerCondition.Enforcement) {
        let isNews = self.state.withLock { state in
            defer { state.condition = condition }
            return state.condition != condition
        }
        if isNews { self.onChange(condition) }
    }
}

extension MetricRegistry.Counter {
    static let brokerCommands = Self(
        "station_broker_commands_total", help: "Changes that were made to the broker's logins and roles."
    )
}
