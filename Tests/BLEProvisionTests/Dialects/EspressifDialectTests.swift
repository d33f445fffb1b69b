import StationCore
import StationTestSupport
import Testing

@testable import BLEProvision

@Suite("The Espressif dialect", .timeLimit(.minutes(3)))
struct EspressifDialectTests {
    private static let proof = "abcd1234"
    private static let none = #"{"prov":{"ver":"v1.1","sec_ver":0,"cap":["no_sec"]}}"#
    private static let one = #"{"prov":{"ver":"v1.1","sec_ver":1,"cap":["wifi_scan"]}}"#
    private static let open = #"{"prov":{"ver":"v1.1","sec_ver":1,"cap":["wifi_scan","no_pop"]}}"#
    private static let two = #"{"prov":{"ver":"v1.1","sec_ver":2,"sec_patch_ver":1,"cap":["wifi_scan"]}}"#
    private static let old = #"{"prov":{"ver":"v1.1","sec_ver":2,"cap":["wifi_scan"]}}"#

    private let clock = ManualClock()
    private var dialect: EspressifDialect { EspressifDialect(clock: self.clock) }

    private func provision(
        _ device: EspressifDevice, proof: String? = Self.proof
    ) async throws -> (result: Result<ProvisioningOutcome, ProvisioningFault>, progress: [DialectProgress]) {
        await DialectFixture.provision(self.dialect, over: device, with: try DialectFixture.order(proof: proof))
    }

    private static func device(_ security: Int) -> EspressifDevice {
        switch security {
        case 0: EspressifDevice(Self.none, OpenProtection())
        case 1: EspressifDevice(Self.one, KeyProtection(proof: Self.proof))
        default: EspressifDevice(Self.two, PasswordProtection(isCounting: true))
        }
    }

    // MARK: - It works

    @Test("A device joins, whatever its security", arguments: [0, 1, 2])
    func joins(_ security: Int) async throws {
        let device = Self.device(security)
        let done = try await self.provision(device, proof: security == 0 ? nil : Self.proof)
        #expect(done.result == .success(.joinedWiFi(next: nil)))
        #expect(done.progress == [.negotiating, .writing, .waitingForDevice])
        let wifi = try #require(device.state.value.wifi)
        #expect(wifi.bytes(1) == Array("Casa".utf8) && wifi.bytes(2) == Array(DialectFixture.password.utf8))
    }

    @Test("Security 1 does without a proof where the device says so")
    func noProof() async throws {
        let done = try await self.provision(EspressifDevice(Self.open, KeyProtection(proof: "")), proof: nil)
        #expect(done.result == .success(.joinedWiFi(next: nil)))
    }

    @Test("Firmware of before the nonce's mending keeps one nonce, later firmware never uses one twice")
    func nonces() async throws {
        let old = EspressifDevice(Self.old, PasswordProtection(isCounting: false))
        let new = Self.device(2)
        let first = try await self.provision(old)
        let second = try await self.provision(new)
        #expect(first.result == .success(.joinedWiFi(next: nil)))
        #expect(second.result == .success(.joinedWiFi(next: nil)))
        let oldNonces = (old.state.value.protection as? PasswordProtection)?.nonces ?? []
        let newNonces = (new.state.value.protection as? PasswordProtection)?.nonces ?? []
        #expect(oldNonces.count == 6 && Set(oldNonces).count == 1)
        #expect(newNonces.count == 6 && Set(newNonces).count == 6)
    }

    @Test("Endpoints without a description are known by their short UUIDs")
    func shortUUIDs() async throws {
        let device = EspressifDevice(Self.one, KeyProtection(proof: Self.proof), naming: .short)
        let done = try await self.provision(device)
        #expect(done.result == .success(.joinedWiFi(next: nil)))
    }

    @Test("It is waited for while the device tries")
    func tries() async throws {
        let device = Self.device(0)
        device.state.withLock { $0.attempts = [.trying, .trying, .connected] }
        let task = Task { try await self.provision(device, proof: nil) }
        for _ in 0..<2 {
            try await eventually("it waits") { self.clock.sleeperCount == 1 }
            self.clock.advance(by: .seconds(1))
        }
        let done = try await task.value
        #expect(done.result == .success(.joinedWiFi(next: nil)))
    }

    // MARK: - Wi-Fi

    @Test("A wrong password is told, and the device is ready for another", arguments: [0, 1, 2])
    func wrongPassword(_ security: Int) async throws {
        let device = Self.device(security)
        device.state.withLock { $0.attempts = [.wrongPassword] }
        let done = try await self.provision(device, proof: security == 0 ? nil : Self.proof)
        #expect(DialectFixture.fault(done.result) == .wifiPasswordWrong)
        #expect(device.state.value.resets == 1)
    }

    @Test("A network that the device does not find is told with those that it sees")
    func notFound() async throws {
        let device = Self.device(1)
        device.state.withLock { state in
            state.attempts = [.notFound]
            state.networks = ["Zoo", "Café", "Zoo", "", "Bar", "Dom"]
        }
        let done = try await self.provision(device)
        #expect(
            done.result == .failure(ProvisioningFault(.wifiNotFound, detail: "the device sees Bar, Café, Dom, Zoo")))
        #expect(device.state.value.resets == 1)
    }

    @Test("A device that tries for too long is reset")
    func tooLong() async throws {
        let device = Self.device(0)
        device.state.withLock { $0.attempts = [.trying] }
        let ended = Locked(false)
        let task = Task {
            let done = try await self.provision(device, proof: nil)
            ended.withLock { $0 = true }
            return done
        }
        try await eventually("it is given up") {
            self.clock.advance(by: .seconds(1))
            return ended.value
        }
        let done = try await task.value
        #expect(DialectFixture.fault(done.result) == .wifiNotJoined)
        #expect(device.state.value.resets == 1)
    }

    @Test("A link that goes after the credentials were applied leaves it open")
    func lostAfter() async throws {
        let device = Self.device(0)
        device.state.withLock { $0.attempts = [.trying] }
        let task = Task { try await self.provision(device, proof: nil) }
        try await eventually("it waits") { self.clock.sleeperCount == 1 }
        device.state.withLock { $0.isGone = true }
        self.clock.advance(by: .seconds(1))
        let done = try await task.value
        #expect(done.result == .success(.unconfirmed))
    }

    @Test("A link that goes before is worth another try")
    func lostBefore() async throws {
        let device = Self.device(1)
        device.state.withLock { $0.dropsAt = .config }
        let done = try await self.provision(device)
        #expect(DialectFixture.fault(done.result) == .linkLost)
    }

    @Test("A task that is cancelled while the device tries ends")
    func cancelled() async throws {
        let device = Self.device(0)
        device.state.withLock { $0.attempts = [.trying] }
        let task = Task { try await self.provision(device, proof: nil) }
        try await eventually("it waits") { self.clock.sleeperCount == 1 }
        task.cancel()
        let done = try await task.value
        #expect(DialectFixture.fault(done.result) == .cancelled)
    }

    // MARK: - Trust

    @Test("A wrong proof is told, once, and no credentials are sent", arguments: [1, 2])
    func wrongProof(_ security: Int) async throws {
        let device = Self.device(security)
        let done = try await self.provision(device, proof: "abcd1235")
        #expect(DialectFixture.fault(done.result) == .proofWrong)
        #expect(device.state.value.wifi == nil && device.state.value.sessions == 2)
    }

    @Test("A device that cannot show that it knows the proof is told nothing")
    func impostors() async throws {
        let one = EspressifDevice(Self.one, KeyProtection(proof: Self.proof, isImpostor: true))
        let two = EspressifDevice(Self.two, PasswordProtection(isCounting: true, isImpostor: true))
        let first = try await self.provision(one)
        let second = try await self.provision(two)
        #expect(DialectFixture.fault(first.result) == .identityDoubtful)
        #expect(DialectFixture.fault(second.result) == .identityDoubtful)
        #expect(one.state.value.wifi == nil && two.state.value.wifi == nil)
    }

    @Test("Whoever lowers the security in between gains nothing")
    func downgrade() async throws {
        let device = EspressifDevice(Self.none, OpenProtection())
        let done = try await self.provision(device)
        #expect(DialectFixture.fault(done.result) == .securityTooWeak)
        #expect(device.state.value.sessions == 0 && device.state.value.wifi == nil)
    }

    @Test("A device that asks for a proof is not tried without one", arguments: [1, 2])
    func proofMissing(_ security: Int) async throws {
        let device = Self.device(security)
        let done = try await self.provision(device, proof: nil)
        #expect(DialectFixture.fault(done.result) == .proofMissing)
        #expect(device.state.value.sessions == 0)
    }

    @Test("A session that says another security than was offered ends there")
    func otherSecurity() async throws {
        let device = EspressifDevice(Self.two, KeyProtection(proof: Self.proof))
        let done = try await self.provision(device)
        #expect(DialectFixture.fault(done.result) == .linkLost)
        #expect(device.state.value.wifi == nil)
    }

    @Test("A nonce that would come again ends the session")
    func nonceOverflow() async throws {
        let protection = PasswordProtection(isCounting: true, counter: [0xFF, 0xFF, 0xFF, 0xFF])
        let device = EspressifDevice(Self.two, protection)
        let done = try await self.provision(device)
        #expect(DialectFixture.fault(done.result) == .notUnderstood)
        #expect(!device.state.value.isApplied)
    }

    @Test("A device without session or configuration is not one")
    func notOffered() async throws {
        let device = EspressifDevice(Self.one, OpenProtection(), naming: .nothing)
        let done = try await self.provision(device)
        #expect(DialectFixture.fault(done.result) == .notOffered)
    }

    // MARK: - Recognition

    @Test("The name makes a candidate, its suffix the id")
    func recognition() throws {
        let traits = try #require(
            self.dialect.recognise(Advertisement(address: "AA:BB:CC:DD:EE:FF", name: "PROV_1A2B3C")))
        #expect(traits.externalID.description == "1A2B3C" && traits.dialect == .espressif)
        let bare = try #require(self.dialect.recognise(Advertisement(address: "AA:BB:CC:DD:EE:FF", name: "PROV_")))
        #expect(bare.externalID.description == "aabbccddeeff")
        #expect(self.dialect.recognise(Advertisement(address: "AA:BB:CC:DD:EE:FF", name: "SH_1")) == nil)
        #expect(self.dialect.recognise(Advertisement(address: "AA:BB:CC:DD:EE:FF")) == nil)
    }
}
