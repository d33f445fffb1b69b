import Foundation
import StationCore
import StationTestSupport
import Testing

@Suite("A wall clock that is stepped", .enabled(if: WallClock.compiler != nil, "there is no C compiler"))
struct ClockStepTests {
    private static let day: Int64 = 86_400

    /// How far the clock that the device was last heard by is off, in hours.
    private func hoursOff(_ device: JSONValue) throws -> Int64 {
        let text = try #require(device["lastSeenAt"]?.stringValue)
        let seen = try #require(Timestamp(iso8601: text))
        let now = Int64(Date().timeIntervalSince1970 * 1000)
        return Int64((Double(seen.milliseconds - now) / 3_600_000).rounded())
    }

    @Test("by a day either way changes no status, and every timer goes on")
    func steps() async throws {
        let setup = AgentProcess.Setup(environment: ["TELEMETRY_FLUSH_INTERVAL": "100ms"], startsAtOnce: false)
        try await AgentProcess.run(setup) { agent in
            let clock = try await WallClock(in: agent.directory)
            try await agent.start(environment: clock.environment)
            let id = try await agent.addDevice("climate-1")
            let device = try await agent.play("climate-1")
            try await device.shakeHands()
            for (number, offset) in [Self.day, 0, -Self.day, 0].enumerated() {
                try clock.set(offset: offset)
                try await device.report("temperature", number)
                try await eventually("a flush after a step to \(offset) s") {
                    try await agent.store.number("SELECT count(*) FROM readings") == number + 1
                }
                // Foreign writes are noticed after presence was judged, so when this one is, a whole round was made.
                try await agent.addDevice("witness-\(number)")
                try await eventually("a round after a step to \(offset) s") {
                    try await agent.devices()["witness-\(number)"] != nil
                }
                let shown = try await agent.device(id)
                #expect(try self.hoursOff(shown) == offset / 3600)
                #expect(shown["status"] == "online")
                #expect(shown["lastKnownState", "temperature"]?.doubleValue == Double(number))
                #expect(try await agent.feed(of: id, "status_changed") == [["status": "online"]])
            }
            #expect(try await agent.stop() == 0)
        }
    }

    @Test("back behind the last known time is told by health after the next start, and the station works all the same")
    func floor() async throws {
        try await AgentProcess.run(AgentProcess.Setup(startsAtOnce: false)) { agent in
            let clock = try await WallClock(in: agent.directory)
            try clock.set(offset: Self.day)
            try await agent.start(environment: clock.environment)
            #expect(try await agent.health().checks?["clock", "status"] == "ok")
            let id = try await agent.addDevice("climate-1")
            #expect(try await agent.stop() == 0)

            try clock.set(offset: 0)
            try await agent.launch(environment: clock.environment)
            try await eventually("health tells of the clock") {
                guard LoopbackPort.accepts(agent.port) else { return false }
                return try await agent.health().checks?["clock", "status"] == "degraded"
            }
            let health = try await agent.health()
            #expect(health.status == 200)
            #expect(health.word == "degraded")
            #expect(health.checks?["clock", "detail"]?.stringValue?.contains("yet it has already been") == true)
            let device = try await agent.play("climate-1")
            #expect(try await device.shakeHands() == #"{"status":"ok"}"#)
            try await device.report("temperature", 21)
            try await eventually("it is readable") { try await agent.readings(of: id, "temperature") == [21] }
        }
    }
}
