import StationCore
import StationTestSupport
import Testing

@Suite("The pauses between a bridge's attempts", .serialized, .timeLimit(.minutes(2)))
struct BackoffTests {
    /// The contract's numbers.
    private static func setup(_ clock: PauseRecorder) -> BridgeFixture.Setup {
        var setup = BridgeFixture.Setup()
        setup.clock = clock
        setup.retryBase = .seconds(1)
        setup.retryLimit = .seconds(30)
        setup.localRetryLimit = .seconds(4)
        setup.waitsForConnection = false
        return setup
    }

    private static func isShortened(_ pause: Duration, from seconds: Int) -> Bool {
        pause >= .milliseconds(seconds * 500) && pause <= .seconds(seconds)
    }

    @Test("grow to half a minute when the broker accepts and hangs up at once")
    func hangsUp() async throws {
        let clock = PauseRecorder()
        try await FakePeer.run(.hangsUp) { peer in
            try await CuttingProxy.run(to: peer.port) { proxy in
                try await BridgeFixture.run(Self.setup(clock), to: proxy.port) { fixture in
                    let nominal = [1, 2, 4, 8, 16, 30, 30, 30]
                    for (index, seconds) in nominal.enumerated() {
                        try await eventually("attempt \(index + 1) has failed") { clock.pauses.count == index + 1 }
                        #expect(proxy.acceptedConnections == index + 1)
                        #expect(Self.isShortened(clock.pauses[index], from: seconds), "\(clock.pauses)")
                        clock.advance(by: clock.pauses[index])
                    }
                    #expect(Set(clock.pauses.suffix(3)).count > 1, "no jitter: \(clock.pauses)")
                    #expect(fixture.health[.mqtt]?.status == .degraded)
                }
            }
        }
    }

    @Test("stay short while nobody listens on this machine's own port")
    func refused() async throws {
        let clock = PauseRecorder()
        try await BridgeFixture.run(Self.setup(clock), to: LoopbackPort.unused()) { _ in
            for (index, seconds) in [1, 2, 4, 4, 4, 4].enumerated() {
                try await eventually("attempt \(index + 1) has failed") { clock.pauses.count == index + 1 }
                #expect(Self.isShortened(clock.pauses[index], from: seconds), "\(clock.pauses)")
                clock.advance(by: clock.pauses[index])
            }
        }
    }

    @Test("begin anew only after a connection that lasted")
    func stable() async throws {
        let clock = PauseRecorder()
        let setup = Self.setup(clock)
        try await BrokerProcess.run { broker in
            try await CuttingProxy.run(to: broker.port) { proxy in
                try await BridgeFixture.run(setup, to: proxy.port) { fixture in
                    // Without the waits for the message to itself.
                    func pauses() -> [Duration] { clock.pauses.filter { $0 != setup.answerDeadline } }
                    func loseConnection(after uptime: Duration) async throws -> Duration {
                        let count = pauses().count
                        try await fixture.waitUntilConnected()
                        clock.advance(by: uptime)
                        proxy.cut()
                        try await eventually("the loss is noticed") { pauses().count == count + 1 }
                        let pause = pauses()[count]
                        #expect(fixture.health[.mqtt]?.status == .degraded)
                        clock.advance(by: pause)
                        return pause
                    }
                    for seconds in [1, 2, 4, 8] {
                        let pause = try await loseConnection(after: .seconds(1))
                        #expect(Self.isShortened(pause, from: seconds), "\(pause) instead of \(seconds) s")
                    }
                    for uptime in [30, 300] {
                        let pause = try await loseConnection(after: .seconds(uptime))
                        #expect(Self.isShortened(pause, from: 1), "\(pause) after \(uptime) s")
                    }
                }
            }
        }
    }
}
