import Accounts
import Glibc
import StationCore
import StationData
import StationTestSupport
import Testing

@testable import LocalAPI

@Suite("The live view over time")
struct LiveTimeTests {
    @Test("Whoever shows no token within 5 seconds is closed with 1008")
    func noToken() async throws {
        let clock = ManualClock()
        try await LocalAPIFixture.run(clock: clock) { station in
            try await LiveProbe.run(port: station.port) { client in
                // Its heartbeat and the time to say who it is.
                try await eventually("the session waits") { clock.sleeperCount >= 2 }
                clock.advance(by: .seconds(5))
                let code = try await client.closed()
                #expect(code == 1008)
            }
        }
    }

    @Test("A session ends with 4401 when its token expires, and goes on with a fresh one that came in time")
    func expiry() async throws {
        let clock = ManualClock()
        try await LocalAPIFixture.run(clock: clock) { station in
            let token = station.owner.accessToken
            try await LiveProbe.run(port: station.port, token: token) { renewing in
                try await renewing.message("hello")
                try await LiveProbe.run(port: station.port, token: token) { expiring in
                    try await expiring.message("hello")
                    try await eventually("both sessions wait for the end of their tokens") { clock.sleeperCount >= 4 }
                    clock.advance(by: .seconds(20))
                    let fresh = try await station.signIn(LocalAPIFixture.ownerEmail).accessToken
                    try await renewing.send(["type": "auth", "token": .string(fresh.revealed)])
                    try await renewing.send(["type": "ping"])
                    try await renewing.message("pong")
                    clock.advance(by: .seconds(880))
                    let code = try await expiring.closed()
                    #expect(code == 4401)
                }
                try await renewing.send(["type": "subscribe"])
                #expect(renewing.ending == nil)
                try await eventually("the fresh token is waited for") { clock.sleeperCount >= 2 }
                clock.advance(by: .seconds(20))
                let code = try await renewing.closed()
                #expect(code == 4401)
            }
        }
    }

    @Test("A session cannot be handed on to somebody else: 1008")
    func otherPerson() async throws {
        try await LocalAPIFixture.run { station in
            let guest = try await station.addUser("guest@example.com", role: .member)
            try await LiveProbe.run(port: station.port, token: guest.accessToken) { client in
                try await client.message("hello")
                try await client.send(["type": "auth", "token": .string(station.owner.accessToken.revealed)])
                let code = try await client.closed()
                #expect(code == 1008)
            }
        }
    }

    @Test("The broker's coming and going is told as it happens")
    func broker() async throws {
        try await LocalAPIFixture.run { station in
            try await LiveProbe.run(port: station.port, token: station.owner.accessToken) { client in
                try await client.message("cloud_status")
                station.health.report(.mqtt, .ok, "connected to mqtt://somebody:secret@127.0.0.1")
                let news = try await client.message("mqtt_status") { $0["status"] == "ok" }
                #expect(news["detail"]?.stringValue?.contains("secret") == false)
                station.health.report(.store, .failed, "gone")
                station.health.report(.mqtt, .degraded, "away")
                try await client.message("mqtt_status") { $0["detail"] == "away" }
                #expect(!client.messages.contains { $0["detail"] == "gone" })
            }
        }
    }

    @Test("Of a client that does not read, state is replaced by newer state; beyond 256 messages it must read anew")
    func slowClient() async throws {
        try await LocalAPIFixture.run(settings: Self.unlimited) { station in
            let lamp = try await station.addDevice("Lamp", type: "light", reporting: ["on": true])
            let stuck = try StuckClient(port: station.port, bearer: station.owner.accessToken)
            defer { stuck.close() }
            try await stuck.read(until: "hello")
            let padding = JSONValue.string(String(repeating: "x", count: 1000))
            for number in 1...20_000 {
                await station.report(["n": .integer(Int64(number)), "padding": padding], from: lamp)
            }
            try await stuck.read(until: "\"n\":20000")
            #expect(!stuck.text.contains("resync_required"))
            #expect(!stuck.text.contains("\"n\":19000,"), "nothing was replaced")

            for _ in 1...20 { await Self.flood(station, from: lamp) }
            try await stuck.read(until: "resync_required")
        }
    }

    @Test("Whoever wants little is not told to read anew because of what others want")
    func narrowChoice() async throws {
        try await LocalAPIFixture.run(settings: Self.unlimited) { station in
            let lamp = try await station.addDevice("Lamp", type: "light", reporting: ["on": true])
            let token = station.owner.accessToken
            try await LiveProbe.run(port: station.port, token: token) { narrow in
                try await narrow.message("hello")
                try await narrow.send(["type": "subscribe", "topics": ["device_state"]])
                try await narrow.send(["type": "ping"])
                try await narrow.message("pong")
                for _ in 1...5 { await Self.flood(station, from: lamp) }
                await station.report(["on": false], from: lamp)
                try await narrow.message("device_state") { $0["state", "on"] == false }
                #expect(!narrow.messages.contains { $0["type"] == "resync_required" || $0["type"] == "device_event" })
            }
        }
    }

    @Test("A removed user's WebSocket closes even while its client does not read and messages for it were lost")
    func removalOfStuckClient() async throws {
        try await LocalAPIFixture.run(settings: Self.unlimited) { station in
            let guest = try await station.addUser("guest@example.com", role: .member)
            let lamp = try await station.addDevice("Lamp", type: "light", reporting: ["on": true])
            let stuck = try StuckClient(port: station.port, bearer: guest.accessToken)
            defer { stuck.close() }
            try await stuck.read(until: "hello")
            for _ in 1...20 { await Self.flood(station, from: lamp) }
            expectStatus(try await station.api.delete("/api/users/\(guest.user.id)"), 204)
            for _ in 1...20 { await Self.flood(station, from: lamp) }
            try await eventually("the session is over") {
                station.metrics.prometheusText.contains("station_live_clients 0\n")
            }
        }
    }

    @Test("With many clients the first news goes out at once, and what comes just after it together")
    func manyClients() async throws {
        let clock = ManualClock()
        try await LocalAPIFixture.run(clock: clock) { station in
            let lamp = try await station.addDevice("Lamp", type: "light", reporting: ["n": 0])
            let before = clock.sleeperCount
            try await LiveProbe.run(count: 24, port: station.port, token: station.owner.accessToken) { probes in
                try await Self.eachHears(probes, "hello")
                // Each for its heartbeat and for the end of its token.
                try await eventually("all sessions wait") { clock.sleeperCount == before + 48 }
                await station.report(["n": 1], from: lamp)
                try await Self.eachHears(probes, "device_state") { $0["state", "n"] == 1 }
                try await eventually("the feed rests") { clock.sleeperCount == before + 49 }
                await station.report(["n": 2], from: lamp)
                await station.report(["n": 3], from: lamp)
                clock.advance(by: .milliseconds(2))
                try await Self.eachHears(probes, "device_state") { $0["state", "n"] == 3 }
                let isReplaced = probes.allSatisfy { probe in !probe.messages.contains { $0["state", "n"] == 2 } }
                #expect(isReplaced, "newer state takes the place of what was not yet told")
            }
        }
    }

    private static func eachHears(
        _ probes: [LiveProbe], _ type: String, where condition: (JSONValue) -> Bool = { _ in true }
    ) async throws {
        for probe in probes { try await probe.message(type, where: condition) }
    }

    private static let unlimited = HubSettings(deviceRate: TokenBucket.Limit(perSecond: 1_000_000, burst: 1_000_000))

    /// A thousand events at once.
    private static func flood(_ station: LocalAPIFixture, from device: Device) async {
        let padding = JSONValue.string(String(repeating: "x", count: 1000))
        _ = await station.hub.ingest(
            (0..<1000).map { _ in
                DeviceReport(
                    sender: device.externalID, address: DeviceAddress(dialect: .smarthome, scope: "s1"),
                    content: .event(.deviceEvent, data: ["action": padding])
                )
            }
        )
    }
}

/// A client of `/ws` that reads only when the test does.
private final class StuckClient {
    private let descriptor: Int32
    private(set) var text = ""

    init(port: Int, bearer: Secret) throws {
        self.descriptor = LoopbackPort.connect(to: port, buffer: 4096)
        try #require(self.descriptor >= 0)
        let request =
            "GET /ws HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(bearer.revealed)\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        try #require(Glibc.send(self.descriptor, request, request.utf8.count, 0) == request.utf8.count)
    }

    func close() {
        Glibc.close(self.descriptor)
    }

    /// Takes what has come until a text is in it; what was read before is forgotten.
    func read(until wanted: String) async throws {
        self.text = ""
        var chunk = [UInt8](repeating: 0, count: 64 * 1024)
        try await eventually("“\(wanted)” has come") {
            while true {
                let count = recv(self.descriptor, &chunk, chunk.count, Int32(MSG_DONTWAIT))
                guard count > 0 else { return self.text.contains(wanted) }
                // Heads of frames are no UTF-8; what is looked for is.
                self.text += String(decoding: chunk[..<count], as: UTF8.self)
            }
        }
    }
}
