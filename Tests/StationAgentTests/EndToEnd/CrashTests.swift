import Foundation
import MQTTTransport
import StationCore
import StationTestSupport
import Testing

@Suite("kill -9")
struct CrashTests {
    private static let meters = ["meter-1", "meter-2", "meter-3"]
    private static let simulated = 50
    private static let flushInterval = Duration.seconds(1)
    /// So many numbers are due before the daemon is killed.
    private static let enough = 20
    /// For a machine that is busy with other tests: how much later than due a flush may have ended.
    private static let margin = Duration.seconds(3)

    /// When a number was readable at every meter.
    private struct Sighting {
        let number: Int
        let time: ContinuousClock.Instant
    }

    @Test("in the middle of 2 000 messages/s costs the last flush interval of readings at most, no device, no command")
    func load() async throws {
        let setup = AgentProcess.Setup(
            environment: [
                "TELEMETRY_FLUSH_INTERVAL": "1s", "DEVICES_MAX_RATE": "100000", "DEVICES_MAX_BURST": "1000000",
            ]
        )
        try await AgentProcess.run(setup) { agent in
            var ids: [String] = []
            for meter in Self.meters {
                ids.append(try await agent.addDevice(meter))
                // Without a type, so that every number becomes a reading.
                try await agent.play(meter).shakeHands("{}")
            }
            let simulator = try await agent.startCommand([
                "simulate", "--register", "--type", "climate", "--count", "\(Self.simulated)", "--rate", "2000",
                "--sequence-key", "seq", "--json",
            ])
            defer { simulator.signal(SIGKILL) }
            try await eventually("the simulated devices are online") {
                try await agent.metrics()["station_devices_online"] ?? 0 >= Self.simulated
            }
            let sightings = try await self.report(to: agent, ids)
            let sent = try await agent.send(["action": "remember", "number": 4711], to: ids[0])
            #expect(sent.status == 202)
            let end = ContinuousClock.now
            await agent.kill9()
            let commandID = try #require(try sent.json["commandId"]?.stringValue)

            #expect(try await agent.store.run("PRAGMA integrity_check") == ["ok"])
            #expect(try await agent.store.number("SELECT count(*) FROM devices") == Self.meters.count + Self.simulated)
            let commands = try await agent.store.run(
                """
                SELECT json_extract(payload, '$.command.number') FROM device_events
                WHERE event_type = 'command_sent' AND json_extract(payload, '$.commandId') = '\(commandID)'
                """
            )
            #expect(commands == ["4711"])
            let due = sightings.last { $0.time + Self.flushInterval + Self.margin <= end }?.number ?? 0
            #expect(due >= Self.enough)
            for meter in Self.meters {
                let stored = try await agent.store.run(
                    "SELECT CAST(value AS INTEGER) FROM readings WHERE external_id = '\(meter)' ORDER BY value"
                )
                #expect(stored == (0..<stored.count).map { "\($0 + 1)" }, "\(meter) has a gap")
                #expect(stored.count >= due, "\(meter)")
            }
            try await self.checkSimulated(agent)

            simulator.signal(SIGTERM)
            try await eventually("the simulator ends") { simulator.exitCode != nil }
            #expect(simulator.exitCode == 0)
            try await agent.start()
            #expect(try await agent.devices().count == Self.meters.count + Self.simulated)
            #expect(try await agent.feed(of: ids[0], "command_sent").count == 1)
        }
    }

    /// Numbers go to all meters in turn, each as soon as the one before is readable, until enough of them are due.
    private func report(to agent: AgentProcess, _ ids: [String]) async throws -> [Sighting] {
        let client = try await agent.client()
        let last = try #require(ids.last)
        let deadline = ContinuousClock.now + .seconds(60)
        var sightings: [Sighting] = []
        while sightings.count < Self.enough
            || sightings[Self.enough - 1].time + Self.flushInterval + Self.margin > .now
        {
            try #require(ContinuousClock.now < deadline, "only \(sightings.count) reports became readable in a minute")
            let number = sightings.count + 1
            try await client.publish(
                Self.meters.map { meter in
                    MQTTMessage(topic: "station/s-1/device/\(meter)/state", text: #"{"state":{"seq":\#(number)}}"#)
                })
            try await eventually("number \(number) is readable") {
                try await agent.state(of: last, "seq")?.doubleValue == Double(number)
            }
            sightings.append(Sighting(number: number, time: .now))
        }
        return sightings
    }

    /// The readings of the simulated devices are there up to their last stored state, whose `seq` counts the messages.
    private func checkSimulated(_ agent: AgentProcess) async throws {
        let rows = try await agent.store.run(
            """
            SELECT json_extract(d.last_known_state, '$.seq'),
                (SELECT count(*) FROM readings r WHERE r.device_id = d.id AND r.key = 'temperature')
            FROM devices d WHERE d.type = 'climate'
            """
        )
        #expect(rows.count == Self.simulated)
        for row in rows {
            let numbers = row.split(separator: "|").compactMap { Int($0) }
            try #require(numbers.count == 2, "\(row)")
            #expect(numbers[0] > 0)
            #expect(numbers[1] >= numbers[0])
        }
    }
}
