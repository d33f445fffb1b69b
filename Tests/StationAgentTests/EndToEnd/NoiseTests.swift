import Foundation
import MQTTTransport
import StationCore
import StationTestSupport
import Testing

@Suite("Garbage")
struct NoiseTests {
    private static let messages = 10_000
    private static let goodReports = 100
    private static let reasons = [
        "not_json", "not_object", "wrong_type", "not_utf8", "too_large", "bad_topic", "bad_external_id",
        "unknown_device",
    ]

    @Test("10 000 random messages are all counted by reason, none is stored, and a good device is undisturbed")
    func noise() async throws {
        try await AgentProcess.run { agent in
            let id = try await agent.addDevice("good")
            let good = try await agent.play("good")
            try await good.shakeHands("{}")
            let processID = agent.processID
            let stranger = try await agent.client(hearing: ["station/+/device/+/handshake/ack"])

            var noise = Noise(seed: 20_261_121)
            let garbage = (0..<Self.messages).map { _ in noise.next() }
            async let disturbing: Void = stranger.publish(garbage)
            // With times of their own: of readings at one moment only the last is kept.
            let begin = Int64(Date().timeIntervalSince1970 * 1000) - 60_000
            for number in 1...Self.goodReports {
                let time = Timestamp(milliseconds: begin + Int64(number))
                try await good.say("state", #"{"state":{"count":\#(number)},"timestamp":"\#(time)"}"#)
            }
            try await disturbing

            // Every message was dropped for a reason, or was a stranger's handshake that is right, and answered.
            let answered = { stranger.messages.count { !$0.topic.hasSuffix("/good/handshake/ack") } }
            try await eventually("every message is accounted for") {
                try await self.rejections(agent).values.reduce(answered(), +) >= Self.messages
            }
            let rejections = try await self.rejections(agent)
            #expect(rejections.values.reduce(answered(), +) == Self.messages)
            #expect(rejections.keys.sorted() == Self.reasons.sorted())
            #expect(answered() > 0)

            try await eventually("the last good report is readable") {
                try await agent.state(of: id, "count")?.doubleValue == Double(Self.goodReports)
            }
            #expect(try await agent.readings(of: id, "count") == (1...Self.goodReports).map(Double.init))
            #expect(try await agent.health().word == "ok")
            #expect(agent.processID == processID)
            let lines = agent.log.split(separator: "\n").count {
                $0.contains("was dropped") || $0.contains("unknown device")
            }
            #expect((1..<200).contains(lines), "\(lines) lines about strangers")

            #expect(try await agent.stop() == 0)
            #expect(try await agent.store.run("SELECT external_id FROM devices") == ["good"])
            #expect(
                try await agent.store.run("SELECT DISTINCT external_id || '.' || key FROM readings") == ["good.count"])
            #expect(try await agent.store.number("SELECT count(*) FROM readings") == Self.goodReports)
            let events = try await agent.store.run("SELECT event_type FROM device_events ORDER BY event_type")
            #expect(events == ["handshake", "status_changed"])
        }
    }

    /// How many messages were dropped, by reason.
    private func rejections(_ agent: AgentProcess) async throws -> [String: Int] {
        let prefix = "station_mqtt_rejected_total{reason=\""
        return try await agent.metrics().reduce(into: [:]) { found, metric in
            guard metric.key.hasPrefix(prefix) else { return }
            found[String(metric.key.dropFirst(prefix.count).prefix { $0 != "\"" })] = metric.value
        }
    }
}
