public import MQTTTransport
public import PollLoop
public import StationCore
import StationData

/// Finds out by trying whether a broker confines devices to their own topics: with a device that exists for a moment
/// only, which must not hear or say what another one may (contract 6).
public struct EnforcementProbe: Sendable {
    /// What was found.
    public enum Finding: Sendable, Hashable {
        /// A device is confined, and nobody gets in without credentials.
        case confined
        /// A device is confined, but clients without credentials get in (`MQTT_LEGACY_DEVICES`).
        case confinedButOpen
        /// The broker does not let the agent administer logins, so nothing could be tried.
        case notOffered(isOpen: Bool)
        /// What a device could do, and must not.
        case leaky([String])
        /// A device could not do what it must.
        case blocked(String)
    }

    private static let scope = "doctor"
    /// As the agent's own (contract 6).
    private static let answerDeadline = Duration.seconds(5)

    private let endpoint: MQTTEndpoint
    private let loop: LoopThread
    private let clock: any StationClock
    private let device: String
    private let other: String

    /// - Parameter loop: It must outlive the probe.
    public init(endpoint: MQTTEndpoint, loop: LoopThread, clock: any StationClock) {
        self.endpoint = endpoint
        self.loop = loop
        self.clock = clock
        let nonce = CommandID.make(at: clock.wallTime)
        self.device = "doctor-\(nonce)"
        self.other = "doctor-other-\(nonce)"
    }

    /// Tries. Whatever it makes at the broker is gone afterwards.
    ///
    /// - Throws: `MQTTError` when the broker cannot be reached as the agent.
    public func run(username: String?, password: Secret?) async throws(MQTTError) -> Finding {
        let mailbox = ProbeMailbox()
        let connection = try await self.connect("station-agent-doctor", username, password) { mailbox.receive($0) }
        let finding: Finding
        do throws(MQTTError) {
            finding = try await self.run(over: connection, mailbox)
        } catch {
            await connection.close()
            throw error
        }
        await connection.close()
        return finding
    }

    private func run(
        over connection: MQTTConnection, _ mailbox: ProbeMailbox
    ) async throws(MQTTError) -> Finding {
        let isOpen = await self.isOpen()
        let control = BrokerControl(connection, deadline: Self.answerDeadline, clock: self.clock)
        mailbox.forward(to: control)
        do throws(MQTTError) {
            try await connection.subscribe([BrokerControl.answerTopic])
        } catch {
            guard case .subscriptionRefused = error else { throw error }
            return .notOffered(isOpen: isOpen)
        }
        let deviceToken = OpaqueToken.make()
        do throws(BrokerControlError) {
            guard try await self.makeDevice(deviceToken, with: control) else { return .notOffered(isOpen: isOpen) }
        } catch {
            return .notOffered(isOpen: isOpen)
        }
        let finding: Finding
        do throws(MQTTError) {
            finding = try await self.examine(deviceToken, connection, mailbox, isOpen: isOpen)
        } catch {
            await self.removeDevice(with: control)
            throw error
        }
        await self.removeDevice(with: control)
        return finding
    }

    // MARK: The device

    private var role: String { "\(BrokerPlan.rolePrefix)doctor/\(self.device)" }

    private func makeDevice(_ token: Secret, with control: BrokerControl) async throws(BrokerControlError) -> Bool {
        guard let name = ExternalID(self.device) else { return false }
        let answers = try await control.perform([
            .createRole(self.role, BrokerRights.device(name).acls),
            .createClient(self.device, password: token, fingerprint: "doctor"),
            .addRole(self.role, client: self.device),
        ])
        return answers.allSatisfy { $0.refusal == nil }
    }

    private func removeDevice(with control: BrokerControl) async {
        // What stays behind is removed by the agent when it compares the next time.
        _ = try? await control.perform([.deleteClient(self.device), .deleteRole(self.role)])
    }

    // MARK: The trials

    private func examine(
        _ token: Secret, _ agent: MQTTConnection, _ mailbox: ProbeMailbox, isOpen: Bool
    ) async throws(MQTTError) -> Finding {
        try await agent.subscribe(["station/\(Self.scope)/device/+/state"])
        var leaks: [String] = []
        if await self.canConnect(self.other, self.device, token) {
            leaks.append("log in under another client id")
        }
        let device = try await self.connect(self.device, self.device, token) { _ in }
        do throws(MQTTError) {
            try await device.subscribe([self.topic(self.device, "command")])
        } catch {
            return .blocked("a device cannot hear its own commands: \(error)")
        }
        for filter in [
            self.topic(self.other, "command"), "station/+/device/+/command", "#", "$SYS/#", "$CONTROL/#",
            "$share/doctor/\(self.topic(self.other, "command"))",
        ] where try await self.canSubscribe(device, to: filter) {
            leaks.append("subscribe to \(filter)")
        }
        try await device.publish(MQTTMessage(topic: self.topic(self.other, "state"), payload: Array("{}".utf8)))
        try await device.publish(MQTTMessage(topic: self.topic(self.device, "state"), payload: Array("{}".utf8)))
        // In the order in which they were sent: if the other one had been let through it would be here first.
        guard await mailbox.waits(for: self.topic(self.device, "state"), on: self.clock) else {
            return .blocked("what a device says of itself does not arrive")
        }
        if mailbox.has(self.topic(self.other, "state")) { leaks.append("speak in another device's name") }
        guard leaks.isEmpty else { return .leaky(leaks) }
        return isOpen ? .confinedButOpen : .confined
    }

    private func topic(_ device: String, _ suffix: String) -> String {
        "station/\(Self.scope)/device/\(device)/\(suffix)"
    }

    private func isOpen() async -> Bool {
        await self.canConnect("doctor-nobody", nil, nil)
    }

    private func canConnect(_ clientID: String, _ username: String?, _ password: Secret?) async -> Bool {
        do throws(MQTTError) {
            let connection = try await self.connect(clientID, username, password) { _ in }
            await connection.close()
            return true
        } catch {
            return false
        }
    }

    private func canSubscribe(_ device: MQTTConnection, to filter: String) async throws(MQTTError) -> Bool {
        do throws(MQTTError) {
            try await device.subscribe([filter])
            return true
        } catch {
            guard case .subscriptionRefused = error else { throw error }
            return false
        }
    }

    private func connect(
        _ clientID: String, _ username: String?, _ password: Secret?,
        _ onMessage: @escaping @Sendable (InboundMessage) -> Void
    ) async throws(MQTTError) -> MQTTConnection {
        try await MQTTConnection.open(
            on: self.loop, to: self.endpoint,
            options: MQTTConnectionOptions(clientID: clientID, username: username, password: password),
            onMessage: onMessage
        )
    }
}
