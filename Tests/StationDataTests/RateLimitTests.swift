import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("A device that speaks too fast")
struct RateLimitTests {
    private static let limited = #"station_mqtt_rejected_total{reason="rate_limited"}"#

    @Test("has its states merged: the newest of every key is there in the end, none is lost")
    func states() async throws {
        try await TestStation.run { station in
            let device = try await station.addOnline(type: "climate")
            station.clock.advance(by: .seconds(60))
            let burst = (1...1000).map { number in
                DeviceReport.from(
                    device, .state(["temperature": .integer(Int64(number)), "k\(number % 7)": .integer(Int64(number))]))
            }
            await station.hub.hear(burst)
            // The burst of 200 came through, the other 800 wait as one.
            #expect(station.hub.device(device.id)?.lastKnownState["temperature"] == 200)
            #expect(station.metric("station_states_coalesced_total") == 800)
            station.clock.advance(by: .milliseconds(250))
            await station.hub.lookRound()
            var expected: JSONObject = ["temperature": 1000]
            for number in 994...1000 { expected["k\(number % 7)"] = .integer(Int64(number)) }
            #expect(station.hub.device(device.id)?.lastKnownState == expected)
            let values = try await station.hub.readings(.all(of: device.id)).flatMap { $0.points.raw ?? [] }.map(
                \.value)
            #expect(values.last == 1000)
            #expect(values.count <= 201)
            #expect(station.metric(Self.limited) == 0)
            let again = try await station.restarted()
            #expect(again.hub.device(device.id)?.lastKnownState == expected)
        }
    }

    @Test("has what waits let through before what comes later")
    func order() async throws {
        try await TestStation.run { station in
            let device = try await station.addOnline()
            await station.hub.hear((1...300).map { .from(device, .state(["n": .integer($0), "last": 1])) })
            station.clock.advance(by: .milliseconds(100))
            await station.hear(.state(["n": 301]), from: device)
            #expect(station.hub.device(device.id)?.lastKnownState == ["n": 301, "last": 1])
            await station.live(for: .seconds(1))
            #expect(station.hub.device(device.id)?.lastKnownState == ["n": 301, "last": 1])
        }
    }

    @Test("has what waits written when the agent stops")
    func stopping() async throws {
        try await TestStation.run { station in
            let device = try await station.addOnline()
            await station.hub.hear((1...300).map { .from(device, .state(["n": .integer($0)])) })
            let again = try await station.restarted()
            #expect(again.hub.device(device.id)?.lastKnownState == ["n": 300])
        }
    }

    @Test("loses its excess events and handshakes, counted")
    func events() async throws {
        try await TestStation.run { station in
            let device = try await station.addOnline()
            station.clock.advance(by: .seconds(60))
            let announcements = Announcements(of: station.hub)
            await station.hub.hear(
                (0..<1000).map { .from(device, .event(.deviceEvent, data: ["n": .integer($0)])) }
            )
            let announced = await announcements.next().count
            #expect(announced == 200)
            #expect(station.metric(Self.limited) == 800)
            #expect(try await station.hub.deviceEvents(EventQuery()).total == 201)
            #expect(await station.hear(.hello(firmware: "2"), from: device) == [])
            #expect(station.metric(Self.limited) == 801)
            station.clock.advance(by: .seconds(1))
            #expect(await station.hear(.hello(firmware: "2"), from: device).count == 1)
        }
    }

    @Test("goes on at its rate, stays online, and disturbs nobody else")
    func sustained() async throws {
        try await TestStation.run { station in
            let (loud, quiet) = (try await station.addOnline(), try await station.addOnline())
            await station.live(for: .seconds(10))
            for second in 0..<200 {
                await station.hub.hear((0..<100).map { _ in .from(loud, .event(.deviceEvent, data: [:])) })
                await station.hear(.state(["n": .integer(Int64(second))]), from: quiet)
                #expect(station.hub.device(quiet.id)?.lastKnownState == ["n": .integer(Int64(second))])
                await station.live(for: .seconds(1))
            }
            #expect(station.hub.device(loud.id)?.status == .online)
            try await station.hub.flushEverything()
            let passed = try station.count("device_events", where: "event_type = 'device_event'")
            #expect((200 * 50...200 * 50 + 200).contains(passed), "\(passed)")
            #expect(station.metric(Self.limited) + passed == 20_000)
        }
    }

    @Test("Heartbeats beyond the limit still count as life")
    func heartbeats() async throws {
        try await TestStation.run { station in
            let device = try await station.addOnline()
            await station.hub.hear((0..<500).map { _ in .from(device, .heartbeat) })
            station.clock.advance(by: .milliseconds(1))
            await station.hear(.heartbeat, from: device)
            #expect(station.hub.device(device.id)?.lastHeartbeatAt == station.clock.wallTime)
            #expect(station.metric(Self.limited) == 0)
        }
    }

    @Test("A state of invented keys does not grow without end while it waits, and what is left out is counted")
    func manyKeys() async throws {
        try await TestStation.run { station in
            let device = try await station.addOnline(type: "climate")
            await station.hub.hear((0..<1000).map { .from(device, .state(["k\($0)": 1])) })
            await station.live(for: .seconds(1))
            #expect(station.hub.device(device.id)?.lastKnownState.count == DeviceReducer.maximumKeys)
            #expect(station.metric(#"station_mqtt_rejected_total{reason="too_many_keys"}"#) == 1000 - 128)
        }
    }
}
