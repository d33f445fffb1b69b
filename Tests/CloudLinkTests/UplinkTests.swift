import CloudLink
import Logging
import StationCore
import StationSocket
import StationTestSupport
import Testing

@Suite("The link over a real socket (contract 4)", .timeLimit(.minutes(2)))
struct UplinkTests {
    @Test("A station is claimed, comes back with its token, and its session talks with the cloud")
    func claim() async throws {
        try await LinkLab.run(LinkRun.unclaimed) { lab in
            try await lab.reach(.authenticated)
            let expected = [
                #"{"type":"claim_handshake","chipId":"chip","claimSecret":"secret-1"}"#,
                #"{"type":"station_auth","stationToken":"token-1"}"#,
            ]
            #expect(lab.heard.value == expected)
            #expect(lab.cloud.requests.last?.firstLine == "GET /ws/station HTTP/1.1")
            try await eventually("the first connection was closed politely") {
                lab.cloud.endings == [.closedByPeer(.normal, reason: "")]
            }
            let session = try #require(lab.station.sessions.first)
            session.say("one")
            session.say("two")
            try await eventually("both are sent") { lab.heard.value.suffix(2) == ["one", "two"] }
            try await lab.cloud.connections.last?.send("hello")
            try await eventually("it is heard") { session.notes == ["sent", "sent", "hello"] }
            let status = lab.uplink.status
            #expect(status.isClaimed)
            #expect(status.connectedSince == lab.clock.wallTime)
            #expect(status.activeChannels == [.alert])
            #expect(status.outboxDepth == 7)
            #expect(lab.uplink.claimOffer == nil)
            #expect(lab.health[.cloud]?.status == .ok)
        }
    }

    @Test("An unclaimed station waits, and that is no fault")
    func waiting() async throws {
        try await LinkLab.run(LinkRun.unclaimed, manners: { _ in nil }) { lab in
            try await lab.reach(.waiting)
            #expect(lab.health[.cloud]?.status == .ok)
            #expect(lab.uplink.claimOffer?.chipID == "chip")
            lab.station.claimElsewhere(Secret("token-9"))
            try await lab.reach(.authenticating)
            try await eventually("the token is shown") { lab.heard.value.last?.contains("token-9") == true }
        }
    }

    @Test("A token that could not be stored is stored later")
    func storeFails() async throws {
        try await LinkLab.run(LinkRun.unclaimed) { lab in
            lab.station.fail(2)
            for failures in 1...2 {
                try await eventually("it failed") {
                    lab.log.lines("the cloud's token could not be stored").count == failures
                }
                try await eventually("it will try again") { lab.uplink.status.lastError != nil }
                try await Self.pass(.seconds(5), lab) { lab.station.credentials.stationToken != nil || failures == 1 }
            }
            try await lab.reach(.authenticated)
        }
    }

    /// Moves the time until something is so.
    private static func pass(
        _ step: Duration, _ lab: LinkLab, until isSo: @escaping @Sendable () async throws -> Bool
    ) async throws {
        try await eventually("time helps") {
            lab.clock.advance(by: step)
            return try await isSo()
        }
    }

    @Test("The server's own close leads to a return within 10 s, a frame that is too big to 1009")
    func closes() async throws {
        try await LinkLab.run { lab in
            try await lab.reach(.authenticated)
            lab.cloud.connections.last?.close(SocketCloseCode(rawValue: 1012), reason: "restart")
            try await lab.reach(.offline)
            let status = lab.uplink.status
            #expect(status.lastError == "the cloud closed (1012): restart")
            let pause = try #require(status.reconnectAt).milliseconds - lab.clock.wallTime.milliseconds
            #expect((0...10_000).contains(pause))
            #expect(lab.health[.cloud]?.status == .degraded)
            #expect(lab.health[.cloud]?.detail.contains("trying again at") == true)
            try await eventually("the session has ended") { lab.station.sessions.first?.notes == ["end"] }
            lab.clock.advance(by: .seconds(10))
            try await lab.reach(.authenticated)
            try await lab.cloud.connections.last?.send(String(repeating: "x", count: (1 << 20) + 1))
            try await eventually("it is refused") {
                lab.cloud.endings.contains { ending in
                    if case .closedByPeer(.tooBig, _) = ending { true } else { false }
                }
            }
            try await lab.reach(.offline)
        }
    }

    @Test("A message of 1 MiB is taken")
    func largest() async throws {
        try await LinkLab.run { lab in
            try await lab.reach(.authenticated)
            try await lab.cloud.connections.last?.send(String(repeating: "x", count: 1 << 20))
            try await eventually("it is there") {
                lab.station.sessions.first?.notes.map(\.utf8.count) == [1 << 20]
            }
        }
    }

    @Test("Pings go out, are told to the session, and their pongs too")
    func pings() async throws {
        try await LinkLab.run { lab in
            try await lab.reach(.authenticated)
            lab.clock.advance(by: .seconds(30))
            try await eventually("answered") { lab.station.sessions.first?.notes == ["ping 1", "pong 1"] }
            lab.uplink.networkChanged()
            try await eventually("answered") { lab.station.sessions.first?.notes.last == "pong 2" }
            lab.clock.advance(by: .seconds(6))
            #expect(lab.state == .authenticated)
        }
    }

    @Test("A connection that swallows everything is dropped 5 s after a change of the network")
    func blackHole() async throws {
        try await SocketListener.run(receive: { try? await $1.send(#"{"type":"auth_ok"}"#) }) { cloud in
            try await CuttingProxy.run(to: cloud.port) { proxy in
                let port = proxy.port
                try await LinkLab.run(configure: { $0.port = port }) { lab in
                    try await Self.loseInBlackHole(lab, proxy)
                }
            }
        }
    }

    private static func loseInBlackHole(_ lab: LinkLab, _ proxy: CuttingProxy) async throws {
        try await lab.reach(.authenticated)
        proxy.blackHole()
        lab.uplink.networkChanged()
        try await eventually("the ping is out") { lab.station.sessions.first?.notes == ["ping 1"] }
        try await Self.pass(.seconds(1), lab) { lab.state == .offline }
        #expect(lab.uplink.status.lastError == "no answer to a ping")
        try await eventually("the socket is closed") { proxy.openConnections == 0 }
    }

    @Test("Two refusals a minute apart unclaim the station, which then offers itself again")
    func refusals() async throws {
        try await LinkLab.run(
            manners: { $0.contains("station_auth") ? #"{"type":"auth_failed"}"# : nil }
        ) { lab in
            try await Self.pass(.seconds(1), lab) { lab.state == .waiting }
            try await eventually("it offers itself") { lab.heard.value.last?.contains("secret-3") == true }
            #expect(lab.heard.value.count >= 3)
            #expect(!lab.uplink.status.isClaimed)
        }
    }

    @Test("Unclaiming ends the connection and offers the station anew")
    func unclaim() async throws {
        try await LinkLab.run(manners: { $0.contains("auth") ? #"{"type":"auth_ok"}"# : nil }) { lab in
            try await lab.reach(.authenticated)
            try await lab.uplink.unclaim()
            try await lab.reach(.waiting)
            try await eventually("it says so") { lab.heard.value.last?.contains("secret-4") == true }
            #expect(lab.uplink.claimOffer?.claimSecret == Secret("secret-4"))
        }
    }

    @Test("A reset that is ordered before the token was accepted is acknowledged and done")
    func reset() async throws {
        try await LinkLab.run(manners: { $0.contains("station_auth") ? #"{"type":"pending_reset"}"# : nil }) { lab in
            try await eventually("done") { lab.station.resets == ["finish", "begin", "finish"] }
            try await eventually("acknowledged") { lab.heard.value.last == #"{"type":"station_reset_ack"}"# }
        }
    }

    @Test("Nothing is obeyed before the token is accepted")
    func early() async throws {
        try await LinkLab.run(manners: { _ in nil }) { lab in
            try await eventually("the token is shown") { lab.heard.value.count == 1 }
            let cloud = try #require(lab.cloud.connections.last)
            try await cloud.send(#"{"method":"devices.snapshot","id":1}"#)
            try await cloud.send(#"{"type":"identity_sync","members":[]}"#)
            try await cloud.send(#"{"type":"auth_ok"}"#)
            try await cloud.send("now")
            try await eventually("only the last is heard") { lab.station.sessions.first?.notes == ["now"] }
        }
    }

    @Test("Data that a connected cloud does not take is a fault")
    func stuck() async throws {
        try await LinkLab.run { lab in
            try await lab.reach(.authenticated)
            let session = try #require(lab.station.sessions.first)
            session.setOldestUnacknowledgedAge(.seconds(61))
            try await Self.pass(.seconds(1), lab) { lab.health[.cloud]?.status == .degraded }
            #expect(lab.health[.cloud]?.detail.contains("61 s") == true)
            session.setOldestUnacknowledgedAge(.seconds(59))
            try await Self.pass(.seconds(1), lab) { lab.health[.cloud]?.status == .ok }
        }
    }

    @Test("A stop says farewell to the cloud with 1001")
    func stop() async throws {
        let ended = Locked<SocketListener?>(nil)
        try await SocketListener.run(receive: { try? await $1.send(#"{"type":"auth_ok"}"#) }) { cloud in
            let port = cloud.port
            try await LinkLab.run(configure: { $0.port = port }) { lab in try await lab.reach(.authenticated) }
            ended.withLock { $0 = cloud }
            try await eventually("farewell") {
                if case .closedByPeer(.goingAway, _)? = cloud.endings.first { true } else { false }
            }
        }
        #expect(ended.value != nil)
    }

    @Test("A cloud that is away is told once, and again and again without a word")
    func away() async throws {
        let port = LoopbackPort.unused()
        try await LinkLab.run(configure: { $0.port = port }) { lab in
            for _ in 0..<6 { try await lab.retry() }
            let lines = lab.log.lines("the cloud is away")
            #expect(lines.count == 7)
            let told = lines.filter { $0.level == .warning }.compactMap { $0.metadata["error"] }
            #expect((1...3).contains(told.count), "\(told)")
            #expect(zip(told, told.dropFirst()).allSatisfy { $0 != $1 }, "\(told)")
        }
    }
}
