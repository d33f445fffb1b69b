public import Logging
import MQTTTransport
public import PollLoop
public import ServiceLifecycle
public import StationCore
public import StationData
import Synchronization

/// Between the broker and the hub: keeps a proven connection, hands in what devices say, answers their handshakes, and
/// carries commands to them (contract 1).
public final class DeviceBridge: Service, CommandChannel {
    /// So many messages are taken up at once at most: enough to share a commit, little enough to answer soon.
    private static let batchSize = 1024

    public let configuration: BridgeConfiguration
    let hub: StationHub
    let health: HealthBoard
    let metrics: MetricRegistry
    let readiness: Readiness
    let clock: any StationClock
    let loop: LoopThread
    let logger: Logger
    let inbox = MQTTInbox()
    let link = BridgeLink()
    let dialects: [any DeviceDialect] = [SmartHomeDialect(), PlaceBrainDialect()]
    /// The topic of the messages to ourselves.
    let pingTopic: String
    private let provokedLines: Mutex<ProvokedLines>
    /// Who is let in at the broker.
    let projection: BrokerProjection
    private let watch: RefusalWatch
    let condition: BrokerCondition

    /// - Parameter loop: The thread on which connections live; it must outlive the bridge.
    public init(
        configuration: BridgeConfiguration, hub: StationHub, loop: LoopThread, health: HealthBoard,
        metrics: MetricRegistry, readiness: Readiness, clock: any StationClock, logger: Logger
    ) {
        self.configuration = configuration
        self.hub = hub
        self.loop = loop
        self.health = health
        self.metrics = metrics
        self.readiness = readiness
        self.clock = clock
        self.logger = logger
        self.pingTopic = "station/\(configuration.stationID)/bridge/ping"
        self.provokedLines = Mutex(ProvokedLines(at: clock.now))
        let condition = BrokerCondition(configuration: configuration, link: self.link, health: health, clock: clock)
        self.condition = condition
        self.projection = BrokerProjection(
            configuration: configuration, hub: hub,
            purge: SessionPurge(endpoint: configuration.endpoint, loop: loop, logger: logger), clock: clock,
            metrics: metrics, logger: logger, onChange: condition.report
        )
        self.watch = RefusalWatch(
            hub: hub, refusals: configuration.access.refusals, clock: clock, onRefusal: condition.refusalCame
        )
        let inbox = self.inbox
        metrics.gauge("station_mqtt_inbox_messages", help: "Messages that wait to be taken up.") {
            Double(inbox.count)
        }
    }

    /// Keeps the connection and takes up messages until the service is told to stop; then takes up what has already
    /// come and returns. Never throws: a broker that is away is waited for.
    public func run() async throws {
        let alerts = self.hub.events.subscribe(to: .alerts, capacity: Self.alertBacklog)
        await withTaskGroup { group in
            group.addTask { await self.takeUpMessages() }
            group.addTask { await self.tell(alerts) }
            group.addTask { await cancelWhenGracefulShutdown { await self.projection.run() } }
            group.addTask { await cancelWhenGracefulShutdown { await self.condition.keepUp(self.hub) } }
            await cancelWhenGracefulShutdown { await self.stayConnected() }
            self.inbox.finish()
            self.hub.events.unsubscribe(alerts)
        }
    }

    /// What waits until the broker knows a login.
    public var logins: any LoginProjection { self.projection }

    // MARK: Messages in

    func receive(_ message: InboundMessage) {
        switch message.topic {
        case self.pingTopic: self.link.pingReturned(message.payload)
        case BrokerControl.answerTopic: self.projection.receive(message.payload)
        case RefusalWatch.topic: self.watch.receive(message.payload)
        default: self.inbox.offer(message.limited(to: DeviceMessage.maximumPayload))
        }
    }

    private func takeUpMessages() async {
        while let (messages, dropped) = await self.inbox.next(limit: Self.batchSize) {
            self.metrics.count(.receivedMessages, by: messages.count)
            if dropped > 0 {
                self.metrics.count(.rejectedReports, MessageRejection.Reason.overflow.rawValue, by: dropped)
                self.tell(MessageRejection(.overflow, "\(dropped) messages were lost, the agent is behind"), of: "")
            }
            let reports = messages.compactMap(self.report)
            let answers = await self.hub.ingest(reports)
            if !answers.isEmpty { await self.send(answers) }
        }
    }

    private func report(from message: InboundMessage) -> DeviceReport? {
        let message = DeviceMessage(message)
        do throws(MessageRejection) {
            guard let dialect = self.dialects.first(where: { $0.topicRoot == message.levels.first }) else {
                throw MessageRejection(.badTopic, "no dialect has topics like this")
            }
            return try dialect.report(from: message)
        } catch {
            self.metrics.count(.rejectedReports, error.reason.rawValue)
            self.tell(error, of: message.claimedSender)
            return nil
        }
    }

    /// Logs a rejection, at most once a minute for each device and reason (contract 1, rule 7).
    private func tell(_ rejection: MessageRejection, of sender: String) {
        guard self.mayTell(of: sender, rejection.reason.rawValue) else { return }
        self.logger.warning(
            "a device's message was dropped",
            metadata: [
                "device": "\(sender)", "reason": "\(rejection.reason.rawValue)", "detail": "\(rejection.detail)",
            ]
        )
    }

    private func mayTell(of sender: String, _ reason: String) -> Bool {
        let now = self.clock.now
        return self.provokedLines.withLock { $0.passes(sender, reason, at: now) }
    }

    private func send(_ answers: [HandshakeAnswer]) async {
        guard let connection = self.link.connection else { return }
        for answer in answers {
            if answer.outcome == .unknown, self.mayTell(of: answer.sender.description, "unknown_device") {
                self.logger.notice("an unknown device shook hands", metadata: ["device": "\(answer.sender)"])
            }
            guard let address = answer.address, let dialect = self.dialect(address.dialect),
                let message = dialect.handshakeAnswer(
                    to: answer.sender, scope: address.scope, isKnown: answer.outcome == .known
                )
            else { continue }
            do throws(MQTTError) {
                try await connection.enqueue(MQTTMessage(topic: message.topic, payload: message.payload))
            } catch {
                // The device asks again when it hears nothing.
                self.logger.info("a handshake was not answered", metadata: ["error": "\(error)"])
            }
        }
    }

    func dialect(_ id: DialectID) -> (any DeviceDialect)? {
        self.dialects.first { $0.id == id }
    }

    // MARK: Commands out

    public func send(_ command: DeviceCommand, to target: CommandTarget) async throws {
        let address =
            target.address ?? DeviceAddress(dialect: .smarthome, scope: self.configuration.stationID.description)
        guard let dialect = self.dialect(address.dialect) else {
            throw CommandRefusal(
                code: .notExpressible, field: "action", message: "No one here speaks “\(address.dialect)”."
            )
        }
        let message = try dialect.message(for: command, to: target.externalID, scope: address.scope)
        guard let connection = self.link.connection else {
            throw CommandDeliveryError.brokerUnavailable(self.link.fault)
        }
        do {
            try await connection.publish(MQTTMessage(topic: message.topic, payload: message.payload))
        } catch {
            throw CommandDeliveryError.brokerUnavailable(error.description)
        }
    }
}

extension MetricRegistry.Counter {
    static let receivedMessages = Self("station_mqtt_messages_total", help: "Messages of devices that came in.")
    static let connections = Self("station_mqtt_connections_total", help: "Proven connections to the broker.")
}
