import MQTTTransport
import StationCore
import StationTestSupport
import Testing

@testable import MQTTBridge

@Suite("A dialect")
struct DialectTests {
    @Test("refuses what is not exactly as it should be", arguments: BadMessage.smartHome + BadMessage.placeBrain)
    func refusal(bad: BadMessage) {
        let dialect: any DeviceDialect = bad.topic.hasPrefix("placebrain") ? PlaceBrainDialect() : SmartHomeDialect()
        #expect {
            _ = try dialect.report(from: DeviceMessage(bad.inbound))
        } throws: { error in
            (error as? MessageRejection)?.reason == bad.reason
        }
    }

    @Test("has an example of every reason that a device can give", arguments: MessageRejection.Reason.allCases)
    func completeness(reason: MessageRejection.Reason) {
        // Overflow is the station's own.
        guard reason != .overflow else { return }
        #expect(BadMessage.smartHome.contains { $0.reason == reason && $0.isDeliverable })
        #expect(BadMessage.placeBrain.contains { $0.reason == reason && $0.isDeliverable })
    }

    struct Good: Sendable, CustomTestStringConvertible {
        let topic: String
        let json: String
        let content: DeviceReport.Content

        init(_ topic: String, _ json: String, _ content: DeviceReport.Content) {
            self.topic = topic
            self.json = json
            self.content = content
        }

        var testDescription: String { "\(self.topic) \(self.json.prefix(60))" }
    }

    private static let time = Timestamp(milliseconds: 1_795_249_800_000)
    private static let longest = String(repeating: "x", count: 64)

    private static let smartHome: [Good] = [
        Good(
            "handshake", #"{"type":"climate","firmwareVersion":"0.1.32","chip":"esp32","kit_tag":"k-1"}"#,
            .handshake(Handshake(type: "climate", firmwareVersion: "0.1.32", chip: "esp32", kitTag: "k-1"))
        ),
        Good(
            "handshake", #"{"type":"light","firmwareVersion":"0.1.32","chip":"esp32","more":[1,{"a":null}]}"#,
            .handshake(Handshake(type: "light", firmwareVersion: "0.1.32", chip: "esp32", kitTag: nil))
        ),
        Good(
            "handshake", #"{"kit_tag":null}"#,
            .handshake(Handshake(type: nil, firmwareVersion: nil, chip: nil, kitTag: nil))
        ),
        Good(
            "handshake", #"{"type":"\#(longest)","chip":"\#(longest)"}"#,
            .handshake(Handshake(type: longest, firmwareVersion: nil, chip: longest, kitTag: nil))
        ),
        Good(
            "state", #"{"state":{"temperature":23.5,"humidity":60}}"#,
            .state(["temperature": .number(23.5), "humidity": 60], measuredAt: nil)
        ),
        Good("state", #" { "state" : { } } "#, .state([:], measuredAt: nil)),
        Good(
            "state", #"{"state":{"on":true,"colour":null,"x":[1]},"timestamp":"2026-11-21T08:30:00Z"}"#,
            .state(["on": true, "colour": .null, "x": [1]], measuredAt: time)
        ),
        Good("state", #"{"state":{},"timestamp":"2026-11-21T09:30:00+01:00"}"#, .state([:], measuredAt: time)),
        Good("state", #"{"state":{},"timestamp":null}"#, .state([:], measuredAt: nil)),
        Good(
            "event", #"{"event":"device_event","data":{"action":"motion_detected"}}"#,
            .event(.deviceEvent, data: ["action": "motion_detected"])
        ),
        Good("event", #"{"event":"user_event"}"#, .event(.userEvent, data: [:])),
        Good("event", #"{"event":"user_event","data":null}"#, .event(.userEvent, data: [:])),
        Good("heartbeat", #"{"status":"online"}"#, .heartbeat),
        Good("heartbeat", #"{"status":"online","uptime":5}"#, .heartbeat),
        Good("heartbeat", #"{"status":"offline"}"#, .lastWill),
    ]

    private static let placeBrain: [Good] = [
        Good(
            "telemetry", #"{"values":{"t":21.5,"n":-3,"on":false}}"#,
            .state(["t": .number(21.5), "n": -3, "on": false], measuredAt: nil)
        ),
        Good(
            "telemetry", #"{"values":{"a":"21.5","b":null,"c":[1],"d":{"e":1},"f":1}}"#,
            .state(["f": 1], measuredAt: nil)
        ),
        Good("telemetry", #"{"values":{}}"#, .state([:], measuredAt: nil)),
        Good("telemetry", #"{"values":{"t":1},"ts":"2026-11-21T08:30:00Z"}"#, .state(["t": 1], measuredAt: time)),
        Good("telemetry", #"{"values":{"t":1},"ts":1795249800}"#, .state(["t": 1], measuredAt: time)),
        Good("telemetry", #"{"values":{"t":1},"ts":1795249800.0}"#, .state(["t": 1], measuredAt: time)),
        Good("telemetry", #"{"values":{"t":1},"ts":1795249800000}"#, .state(["t": 1], measuredAt: time)),
        Good("telemetry", #"{"values":{"t":1},"ts":"1795249800"}"#, .state(["t": 1], measuredAt: time)),
        Good("telemetry", #"{"values":{"t":1},"ts":"1795249800000"}"#, .state(["t": 1], measuredAt: time)),
        Good("telemetry", #"{"values":{"t":1},"ts":null}"#, .state(["t": 1], measuredAt: nil)),
        Good("status", #"{"status":"online"}"#, .heartbeat),
        Good("status", #"{"status":"offline","reason":"power"}"#, .lastWill),
    ]

    @Test("of the published firmware understands what that firmware sends", arguments: Self.smartHome)
    func understandsFirmware(good: Good) throws {
        let message = InboundMessage(topic: "station/s-1/device/d_1.A-b/\(good.topic)", payload: Array(good.json.utf8))
        let report = try SmartHomeDialect().report(from: DeviceMessage(message))
        #expect(report.sender == ExternalID("d_1.A-b"))
        #expect(report.address == DeviceAddress(dialect: .smarthome, scope: "s-1"))
        #expect(report.content == good.content)
        #expect(!report.isRetained)
    }

    @Test("of PlaceBrain understands telemetry and status", arguments: Self.placeBrain)
    func understandsPlaceBrain(good: Good) throws {
        let message = InboundMessage(topic: "placebrain/p-1/devices/d-1/\(good.topic)", payload: Array(good.json.utf8))
        let report = try PlaceBrainDialect().report(from: DeviceMessage(message))
        #expect(report.sender == ExternalID("d-1"))
        #expect(report.address == DeviceAddress(dialect: .placebrain, scope: "p-1"))
        #expect(report.content == good.content)
    }

    @Test("takes a payload of exactly 64 KiB")
    func largest() throws {
        let payload = BadMessage.padded(#"{"status":"online","comment":""#, "\"}", to: 65_536)
        let message = InboundMessage(topic: "station/s-1/device/d-1/heartbeat", payload: payload)
        #expect(try SmartHomeDialect().report(from: DeviceMessage(message)).content == .heartbeat)
    }

    @Test("takes names of 1 and of 64 characters")
    func longestNames() throws {
        for name in ["a", String(repeating: "z", count: 64)] {
            let topic = "station/\(name)/device/\(name)/heartbeat"
            let message = InboundMessage(topic: topic, payload: Array(#"{"status":"online"}"#.utf8), isRetained: true)
            let report = try SmartHomeDialect().report(from: DeviceMessage(message))
            #expect(report.sender.description == name && report.address?.scope == name)
            #expect(report.isRetained)
        }
    }

    @Test("survives 100 000 random messages, on topics that no broker would deliver too")
    func noise() {
        var noise = MessageNoise(seed: 0x5EED_0001)
        let dialects: [any DeviceDialect] = [SmartHomeDialect(), PlaceBrainDialect()]
        var accepted = 0
        for _ in 0..<50_000 {
            let (topic, payload) = noise.next()
            for dialect in dialects {
                do throws(MessageRejection) {
                    let report = try dialect.report(from: DeviceMessage(InboundMessage(topic: topic, payload: payload)))
                    #expect(TopicName.isValid(report.sender.description))
                    #expect(TopicName.isValid(report.address?.scope ?? ""))
                    accepted += 1
                } catch {
                    #expect(!error.detail.isEmpty)
                }
            }
        }
        // Or else nothing but the topics was tried.
        #expect(accepted > 100)
    }
}
