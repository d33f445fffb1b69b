import Accounts
import LocalAPI
import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("Starting and stopping the server")
struct ServerLifeTests {
    @Test("It is ready once it listens")
    func readiness() async throws {
        let parts = try await LocalAPIParts.make()
        #expect(!parts.readiness.isReached)
        let running = Task { try await parts.server.run() }
        let port = try await parts.server.boundPort
        #expect(port > 0)
        expectStatus(try await HTTPProbe(port: port).get("/health"), 200)
        #expect(parts.readiness.isReached)
        await parts.server.stop()
        try await end(of: running)
        #expect(!LoopbackPort.accepts(port))
        await #expect(throws: LocalAPIError.stopped) { try await parts.server.boundPort }
    }

    @Test("A port in use is an error that names address and port")
    func portInUse() async throws {
        try await LocalAPIFixture.run { station in
            let parts = try await LocalAPIParts.make(port: station.port)
            let failure = await #expect(throws: LocalAPIError.self) { try await parts.server.run() }
            let text = try #require(failure?.description)
            #expect(text.hasPrefix("Cannot listen on 127.0.0.1:\(station.port): another program uses this port"))
            #expect(!parts.readiness.isReached)
            await #expect(throws: LocalAPIError.self) { try await parts.server.boundPort }
            expectStatus(try await station.stranger.get("/health"), 200)
        }
    }

    @Test(
        "A host that cannot be listened on is an error that names the setting",
        arguments: [
            ("192.0.2.1", "Cannot listen on 192.0.2.1:0: this machine has no such address; set http.host"),
            ("no-such-host.invalid", "Cannot listen on no-such-host.invalid:0: there is no such host; set http.host"),
            ("2001:db8::1", "Cannot listen on [2001:db8::1]:0: "),
        ]
    )
    func badHost(host: String, message: String) async throws {
        let parts = try await LocalAPIParts.make(host: host)
        let failure = await #expect(throws: LocalAPIError.self) { try await parts.server.run() }
        let text = try #require(failure?.description)
        #expect(text.hasPrefix(message), "\(text)")
    }

    @Test("A stop lets the request under way end, takes no new one, and closes idle connections")
    func gracefulStop() async throws {
        let parts = try await LocalAPIParts.make()
        let running = Task { try await parts.server.run() }
        let port = try await parts.server.boundPort
        let (device, _) = try await parts.hub.addDevice(NewDevice(name: "Lamp", type: "light"))
        parts.desk.behave(.waits)

        let idle = try await RawConnection.open(port: port)
        idle.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        expectStatus(try await idle.answer(), 200)
        let owner = try await parts.signInOwner()
        async let command = HTTPProbe(port: port, token: owner.accessToken)
            .post("/api/devices/\(device.id)/command", json: ["action": "toggle"])
        try await eventually("the command is under way") { parts.desk.waiting == 1 }

        await parts.server.stop()
        try await idle.closed()
        try await eventually("nobody is let in any more") { !LoopbackPort.accepts(port) }
        parts.desk.release()
        expectStatus(try await command, 202)
        try await end(of: running)
        #expect(parts.desk.sent.count == 1)
    }

    @Test("A stop does not wait for ever")
    func stopHasALimit() async throws {
        var limits = LocalAPILimits()
        limits.stopTime = .milliseconds(200)
        let parts = try await LocalAPIParts.make(limits: limits)
        defer { parts.desk.release() }
        let running = Task { try await parts.server.run() }
        let port = try await parts.server.boundPort
        let (device, _) = try await parts.hub.addDevice(NewDevice(name: "Lamp", type: "light"))
        parts.desk.behave(.waits)
        let owner = try await parts.signInOwner()
        let connection = try await RawConnection.open(port: port)
        let body = #"{"action":"toggle"}"#
        connection.send(
            "POST /api/devices/\(device.id)/command HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                + "Authorization: Bearer \(owner.accessToken.revealed)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        )
        try await eventually("the command is under way") { parts.desk.waiting == 1 }
        await parts.server.stop()
        try await end(of: running)
        try await connection.closed()
        #expect(parts.desk.sent.isEmpty)
    }

    @Test("A server that is cancelled ends")
    func cancelled() async throws {
        let parts = try await LocalAPIParts.make()
        let running = Task { try await parts.server.run() }
        let port = try await parts.server.boundPort
        running.cancel()
        try await end(of: running)
        #expect(!LoopbackPort.accepts(port))
    }
}
