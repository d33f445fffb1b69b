import StationCore
import StationTestSupport
import Testing

@testable import BLEProvision

@Suite("The Improv dialect", .timeLimit(.minutes(1)))
struct ImprovDialectTests {
    private typealias Done = (result: Result<ProvisioningOutcome, ProvisioningFault>, progress: [DialectProgress])

    private let clock = ManualClock()
    private let progress = Locked<[DialectProgress]>([])
    private var dialect: ImprovDialect { ImprovDialect(clock: self.clock) }

    /// Starts a provisioning that the test then plays the device to.
    private func start(_ device: ImprovDevice) throws -> Task<Done, Never> {
        let order = try DialectFixture.order()
        let dialect = self.dialect
        let progress = self.progress
        return Task { await DialectFixture.provision(dialect, over: device, with: order, progress: progress) }
    }

    @Test("A device that is authorised joins and tells where to go on; a long result is read")
    func joins() async throws {
        let device = ImprovDevice()
        let task = try self.start(device)
        try await eventually("it has the settings") { device.state.value.settings != nil }
        device.join(telling: ["https://my.home-assistant.io/redirect/config_flow_start?domain=esphome", "http://x"])
        let done = await task.value
        let url = "https://my.home-assistant.io/redirect/config_flow_start?domain=esphome"
        #expect(done.result == .success(.joinedWiFi(next: url)))
        #expect(done.progress == [.negotiating, .writing, .waitingForDevice])
        #expect(device.state.value.settings == [Array("Casa".utf8), Array(DialectFixture.password.utf8)])
        #expect(device.state.value.writes == [20, 2])
        try await eventually("no deadline is left behind") { self.clock.sleeperCount == 0 }
    }

    @Test("A device that waits for its button is waited for")
    func button() async throws {
        let device = ImprovDevice(state: 1)
        let task = try self.start(device)
        try await eventually("the person is asked") { self.progress.value.last == .waitingForButton }
        #expect(device.state.value.settings == nil)
        device.press()
        try await eventually("it has the settings") { device.state.value.settings != nil }
        device.join(telling: [])
        let done = await task.value
        #expect(done.result == .success(.joinedWiFi(next: nil)))
        #expect(done.progress == [.negotiating, .waitingForButton, .writing, .waitingForDevice])
    }

    @Test("A button that nobody presses ends after a minute, with nothing sent")
    func noButton() async throws {
        let device = ImprovDevice(state: 1)
        let ended = Locked(false)
        let task = try self.start(device)
        let watch = Task {
            let done = await task.value
            ended.withLock { $0 = true }
            return done
        }
        try await eventually("the person is asked") { self.progress.value.last == .waitingForButton }
        try await eventually("it is given up") {
            self.clock.advance(by: .seconds(1))
            return ended.value
        }
        let done = await watch.value
        #expect(DialectFixture.fault(done.result) == .buttonNotPressed)
        #expect(device.state.value.writes.isEmpty)
    }

    @Test("A Wi-Fi that cannot be joined asks for other credentials")
    func wrongPassword() async throws {
        let device = ImprovDevice()
        let task = try self.start(device)
        try await eventually("it has the settings") { device.state.value.settings != nil }
        device.failToJoin()
        let done = await task.value
        guard case .failure(let fault) = done.result else {
            Issue.record("it did not fail")
            return
        }
        #expect(fault.kind == .wifiNotJoined && fault.asksForOtherCredentials && !fault.isWorthRetrying)
    }

    @Test("A link that goes after success is success")
    func linkGoesAfter() async throws {
        let device = ImprovDevice()
        let task = try self.start(device)
        try await eventually("it has the settings") { device.state.value.settings != nil }
        device.enter(4)
        device.drop()
        let done = await task.value
        #expect(done.result == .success(.joinedWiFi(next: nil)))
    }

    @Test("A link that goes while the device tries leaves it open")
    func linkGoesBefore() async throws {
        let device = ImprovDevice()
        let task = try self.start(device)
        try await eventually("it has the settings") { device.state.value.settings != nil }
        device.drop()
        let done = await task.value
        #expect(done.result == .success(.unconfirmed))
    }

    @Test("A write that is answered with “unlikely error” is decided by what the device does")
    func unlikely() async throws {
        let device = ImprovDevice()
        device.state.withLock { $0.failure = GATTError(.unlikely) }
        let task = try self.start(device)
        try await eventually("it has the settings") { device.state.value.settings != nil }
        device.join(telling: [])
        let done = await task.value
        #expect(done.result == .success(.joinedWiFi(next: nil)))
    }

    @Test("A lost link at the write is worth another try")
    func lostWrite() async throws {
        let device = ImprovDevice()
        device.state.withLock { $0.failure = GATTError(.disconnected) }
        let done = await DialectFixture.provision(self.dialect, over: device, with: try DialectFixture.order())
        #expect(DialectFixture.fault(done.result) == .linkLost)
    }

    @Test("A task that is cancelled ends at once")
    func cancelled() async throws {
        let device = ImprovDevice(state: 1)
        let task = try self.start(device)
        try await eventually("the person is asked") { self.progress.value.last == .waitingForButton }
        task.cancel()
        let done = await task.value
        #expect(DialectFixture.fault(done.result) == .cancelled)
    }

    @Test("Identify is asked of devices that can")
    func identify() async throws {
        let device = ImprovDevice()
        let could = try await self.dialect.identify(over: device)
        #expect(could && device.state.value.identified == 1)
        device.state.withLock { $0.capabilities = 0 }
        let cannot = try await self.dialect.identify(over: device)
        #expect(!cannot && device.state.value.identified == 1)
    }

    @Test("A device tells of itself")
    func information() async throws {
        let information = try await self.dialect.information(over: ImprovDevice())
        #expect(information?.firmware == "ESPHome" && information?.version == "2026.1.0")
        #expect(information?.chip == "ESP32-C3" && information?.deviceName == "kitchen")
    }

    @Test(
        "An advertisement tells whether there is something to provision",
        arguments: [
            ([UInt8]?.none, true), ([1, 1], true), ([2], true), ([3], false), ([4, 0, 0, 0, 0, 0], false),
            ([], true), ([0, 0, 0, 0, 0, 0], true),
        ])
    func recognition(_ data: [UInt8]?, _ isProvisionable: Bool) throws {
        let advertisement = Advertisement(
            address: "AA:BB:CC:DD:EE:01", name: "kitchen",
            serviceUUIDs: [ImprovUUID.service], serviceData: data.map { [GATTUUID(short: 0x4677): $0] } ?? [:]
        )
        let traits = try #require(self.dialect.recognise(advertisement))
        #expect(traits.isProvisionable == isProvisionable)
        #expect(traits.externalID.description == "aabbccddee01" && traits.defaultName == "kitchen")
        #expect(self.dialect.recognise(Advertisement(address: "AA:BB:CC:DD:EE:01", name: "kitchen")) == nil)
    }
}
