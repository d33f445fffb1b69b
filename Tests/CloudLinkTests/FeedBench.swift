import StationCore
import StationData
import StationTestSupport

@testable import CloudLink

/// A claimed station whose cloud is the test: it hears what is sent and says what it likes.
final class CloudBench: Sendable {
    private static let marker = "test.marker"

    let clock: ManualClock
    let metrics = MetricRegistry()
    let log = LogRecorder()
    let channel = ChannelDouble()
    let identity = IdentityDouble()
    let hub: StationHub
    let path: String
    let session: Locked<CloudSession>
    let sent = Locked<[JSONValue]>([])
    private let lastCall = Locked(0)

    private init(path: String, clock: ManualClock, hub: StationHub) {
        self.path = path
        self.clock = clock
        self.hub = hub
        self.session = Locked(Self.session(hub, self.channel, self.identity, clock, self.metrics, self.log))
    }

    private static func session(
        _ hub: StationHub, _ channel: ChannelDouble, _ identity: IdentityDouble, _ clock: ManualClock,
        _ metrics: MetricRegistry, _ log: LogRecorder
    ) -> CloudSession {
        CloudSession(
            hub: hub, commander: DeviceCommander(hub: hub, channel: channel, clock: clock), legacy: identity,
            clock: clock, metrics: metrics, logger: log.logger, reset: { identity.resets.withLock { $0 += 1 } }
        )
    }

    /// - Parameter preparing: Done before the link is there.
    static func run(
        preparing: (StationHub) async throws -> Void = { _ in }, _ body: (CloudBench) async throws -> Void
    ) async throws {
        try await TemporaryDirectory.run { directory in
            let path = directory.path("station.sqlite")
            let clock = ManualClock()
            let hub = try await StationHub.open(database: StationDatabase.open(path: path), clock: clock)
            try await hub.claim(with: Secret("token"))
            try await preparing(hub)
            let bench = CloudBench(path: path, clock: clock, hub: hub)
            let reader = Task { await bench.read(bench.session.value) }
            do {
                try await body(bench)
            } catch {
                await bench.session.value.end()
                await reader.value
                throw error
            }
            await bench.session.value.end()
            await reader.value
        }
    }

    private func read(_ session: CloudSession) async {
        for await text in session.outgoing {
            if let json = try? JSONValue.parse(text) { self.sent.withLock { $0.append(json) } }
            session.sent()
        }
    }

    /// The link is lost, and there again.
    func reconnect(_ meanwhile: () async throws -> Void = {}) async throws {
        await self.session.value.end()
        try await meanwhile()
        let session = Self.session(self.hub, self.channel, self.identity, self.clock, self.metrics, self.log)
        self.session.withLock { $0 = session }
        self.sent.withLock { $0 = [] }
        _ = Task { await self.read(session) }
    }

    /// The station as a restart finds it.
    func openAgain() async throws -> StationHub {
        try await StationHub.open(database: StationDatabase.open(path: self.path), clock: self.clock)
    }

    // MARK: The cloud

    func say(_ json: JSONValue) async {
        await self.session.value.receive(json.description)
    }

    func acknowledge(_ notes: [JSONValue]) async {
        let ids = notes.compactMap { $0["params", "eventId"] }
        await self.say(["method": "ack", "params": ["eventIds": .array(ids)]])
    }

    /// Calls the station and has its answer.
    func call(_ method: String, _ params: JSONValue?) async throws -> JSONValue {
        let id = JSONValue.string("call-\(self.lastCall.withLock { $0 += 1; return $0 })")
        var call: JSONObject = ["id": id, "method": .string(method)]
        call["params"] = params
        await self.say(.object(call))
        try await eventually("\(method) is answered") { self.sent.value.contains { $0["id"] == id } }
        return self.sent.value.first { $0["id"] == id } ?? .null
    }

    /// Waits until all has been sent that there was to tell, and gives the notifications of some kinds.
    func notes(_ methods: String...) async throws -> [JSONValue] {
        let depth = self.hub.outboxDepth
        try await self.hub.askCloud(Self.marker, [:])
        let marker = try await self.notes(1, of: Self.marker).last ?? .null
        await self.say(["id": marker["id"] ?? .null, "result": .null])
        try await eventually("the marker is done with") { self.hub.outboxDepth <= depth }
        let notes = self.sent.withLock { sent in
            sent.removeAll { $0["method"]?.stringValue == Self.marker }
            return sent
        }
        return notes.filter { note in
            note["method"]?.stringValue.map { methods.isEmpty || methods.contains($0) } ?? false
        }
    }

    /// Waits for so many notifications of a kind.
    func notes(_ count: Int, of method: String) async throws -> [JSONValue] {
        try await eventually("\(count) times \(method)") {
            self.sent.value.count { $0["method"]?.stringValue == method } >= count
        }
        return self.sent.value.filter { $0["method"]?.stringValue == method }
    }

    /// Sends a ping, which the cloud answers.
    func ping(_ number: Int) {
        self.session.value.pingSent(number)
        self.session.value.pongReceived(number)
    }

    // MARK: The station

    func add(_ name: String, type: String? = nil) async throws -> Device {
        try await self.hub.addDevice(NewDevice(name: name, type: type)).device
    }

    func hear(_ state: JSONObject, from device: Device) async {
        await Self.hear(.state(state, measuredAt: nil), from: device, by: self.hub)
    }

    static func hear(_ content: DeviceReport.Content, from device: Device, by hub: StationHub) async {
        let report = DeviceReport(sender: device.externalID, address: nil, content: content)
        _ = await hub.ingest([report])
    }

    func rename(_ device: Device, _ name: String) async throws {
        var changes = DeviceChanges()
        changes.name = name
        _ = try await self.hub.updateDevice(device.id, changes)
    }
}

/// Where commands end.
final class ChannelDouble: CommandChannel {
    let sent = Locked<[DeviceCommand]>([])
    let refusal = Locked<CommandDeliveryError?>(nil)

    func send(_ command: DeviceCommand, to target: CommandTarget) async throws {
        if let refusal = self.refusal.value { throw refusal }
        self.sent.withLock { $0.append(command) }
    }
}

/// Who takes the cloud's word on identity.
final class IdentityDouble: CloudIdentity {
    let taken = Locked<[JSONObject]>([])
    let reply = Locked(CloudIdentityReply.nothing)
    let resets = Locked(0)

    func take(_ message: JSONObject) async -> CloudIdentityReply {
        self.taken.withLock { $0.append(message) }
        return self.reply.value
    }
}
