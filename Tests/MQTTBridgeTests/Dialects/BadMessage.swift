import MQTTTransport
import Testing

@testable import MQTTBridge

/// A message that must be dropped, and why (contract 1, rule 7).
struct BadMessage: Sendable, CustomTestStringConvertible {
    let topic: String
    let payload: [UInt8]
    let reason: MessageRejection.Reason
    /// Whether a broker delivers it: our subscriptions fit topics of the right number of levels alone.
    let isDeliverable: Bool

    init(_ topic: String, _ payload: [UInt8], _ reason: MessageRejection.Reason, isDeliverable: Bool = true) {
        self.topic = topic
        self.payload = payload
        self.reason = reason
        self.isDeliverable = isDeliverable
    }

    var inbound: InboundMessage {
        // As the transport hands it on: of what is too large only the size.
        let isTooLarge = self.payload.count > DeviceMessage.maximumPayload
        return InboundMessage(
            topic: self.topic, payload: isTooLarge ? [] : self.payload, payloadSize: self.payload.count
        )
    }

    var testDescription: String {
        "\(self.reason.rawValue): \(self.topic.prefix(60)) \(String(decoding: self.payload.prefix(60), as: UTF8.self))"
    }

    // MARK: What is bad in every dialect

    static let notJSON: [[UInt8]] = [
        "", " ", "{", "}", "hello", "{'a':1}", "{\"a\":1,}", "{\"a\" 1}", "{a:1}", "{} {}", "{\"a\":01}", "{\"a\":.5}",
        "{\"a\":NaN}",
        "{\"a\":Infinity}", "{\"a\":1,\"a\":2}", "{\"a\":\"\\x\"}", "{\"a\":\"\\ud800\"}", "{\"a\":\"\t\"}",
        "\u{FEFF}{}", "“{}”", "é", String(repeating: "{\"a\":", count: 65) + "1" + String(repeating: "}", count: 65),
        String(repeating: "[", count: 30_000),
    ].map { Array($0.utf8) }

    static let notObject: [[UInt8]] = ["[]", "[{}]", "null", "true", "0", "-1.5e3", "\"online\""].map { Array($0.utf8) }

    static let notUTF8: [[UInt8]] = [
        [0xff, 0xfe], [0xc3], [0x80],
        // In a value, in a key, between the members; overlong; a surrogate; beyond Unicode; UTF-16.
        Array("{\"a\":\"".utf8) + [0xff] + Array("\"}".utf8), Array("{\"".utf8) + [0xe9] + Array("\":1}".utf8),
        Array("{\"a\":1 ".utf8) + [0xfe] + Array("}".utf8), Array("{\"a\":\"".utf8) + [0xc0, 0xaf] + Array("\"}".utf8),
        Array("{\"a\":\"".utf8) + [0xed, 0xa0, 0x80] + Array("\"}".utf8),
        Array("{\"a\":\"".utf8) + [0xf4, 0x90, 0x80, 0x80] + Array("\"}".utf8), [0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00],
    ]

    /// One byte more than is allowed, of a payload that is good otherwise.
    static func tooLarge(_ start: String, _ end: String) -> [UInt8] {
        Self.padded(start, end, to: DeviceMessage.maximumPayload + 1)
    }

    static func padded(_ start: String, _ end: String, to size: Int) -> [UInt8] {
        let padding = [UInt8](repeating: UInt8(ascii: "x"), count: size - start.utf8.count - end.utf8.count)
        return Array(start.utf8) + padding + Array(end.utf8)
    }

    /// Names that a broker lets pass and that must not stand in a topic of ours.
    static let badNames = [
        "", " ", "a b", "ü", "💡", "a:b", "a@b", "%2e", "a\\b", "$x", "a,b", "{id}", "a\u{301}", "ａ",
        String(repeating: "a", count: 65), String(repeating: "n", count: 10_000),
    ]

    // MARK: The published firmware's dialect

    static let smartHome: [BadMessage] = Self.smartHomePayloads + Self.smartHomeTopics

    private static let smartHomePayloads: [BadMessage] =
        ["handshake", "state", "event", "heartbeat"].flatMap { suffix in
            let topic = "station/s-1/device/victim/\(suffix)"
            return Self.notJSON.map { BadMessage(topic, $0, .notJSON) }
                + Self.notObject.map { BadMessage(topic, $0, .notObject) }
                + Self.notUTF8.map { BadMessage(topic, $0, .notUTF8) }
                + [BadMessage(topic, Self.tooLarge(Self.goodStart[suffix] ?? "{\"a\":\"", "\"}"), .tooLarge)]
        } + Self.wrongTypes.map { BadMessage("station/s-1/device/victim/\($0)", Array($1.utf8), .wrongType) }

    /// The beginnings of good messages that end in any text and a brace.
    private static let goodStart = [
        "handshake": #"{"type":"climate","comment":""#, "state": #"{"state":{},"comment":""#,
        "event": #"{"event":"user_event","comment":""#, "heartbeat": #"{"status":"online","comment":""#,
    ]

    private static let wrongTypes: [(suffix: String, json: String)] = [
        ("handshake", #"{"type":1}"#), ("handshake", #"{"type":["climate"]}"#), ("handshake", #"{"type":""}"#),
        ("handshake", #"{"type":"cli mate"}"#), ("handshake", #"{"type":"climate/#"}"#),
        ("handshake", #"{"type":"\#(String(repeating: "t", count: 65))"}"#),
        ("handshake", #"{"type":"climate","firmwareVersion":1.2}"#),
        ("handshake", #"{"type":"climate","firmwareVersion":"\#(String(repeating: "1", count: 65))"}"#),
        ("handshake", #"{"type":"climate","chip":{}}"#), ("handshake", #"{"type":"climate","chip":true}"#),
        ("handshake", #"{"type":"climate","kit_tag":7}"#),
        ("state", "{}"), ("state", #"{"state":null}"#), ("state", #"{"state":[]}"#), ("state", #"{"state":1}"#),
        ("state", #"{"state":"on"}"#), ("state", #"{"temperature":21}"#),
        ("state", #"{"state":{"temperature":21},"timestamp":1795249800}"#),
        ("state", #"{"state":{"temperature":21},"timestamp":"yesterday"}"#),
        ("state", #"{"state":{"temperature":21},"timestamp":"2026-02-30T00:00:00Z"}"#),
        ("state", #"{"state":{"temperature":21},"timestamp":""}"#),
        ("event", "{}"), ("event", #"{"event":1}"#), ("event", #"{"event":"alarm"}"#), ("event", #"{"event":null}"#),
        ("event", #"{"event":"device_event","data":[]}"#), ("event", #"{"event":"device_event","data":"motion"}"#),
        ("event", #"{"event":"user_event","data":1}"#), ("event", #"{"data":{"action":"motion_detected"}}"#),
        ("heartbeat", "{}"), ("heartbeat", #"{"status":"asleep"}"#), ("heartbeat", #"{"status":"ONLINE"}"#),
        ("heartbeat", #"{"status":true}"#), ("heartbeat", #"{"status":null}"#), ("heartbeat", #"{"status":{}}"#),
    ]

    private static let smartHomeTopics: [BadMessage] = {
        let good = Array(#"{"state":{"temperature":21},"status":"online","event":"user_event"}"#.utf8)
        let names = Self.badNames.flatMap { name in
            [
                BadMessage("station/s-1/device/\(name)/state", good, .badExternalID),
                BadMessage("station/s-1/device/\(name)/handshake", good, .badExternalID),
                BadMessage("station/\(name)/device/victim/heartbeat", good, .badTopic),
            ]
        }
        let levels = [
            "station", "station/s-1", "station/s-1/device/victim", "station/s-1/device/victim/state/",
            "station/s-1/device/victim/state/now", "station/s-1/device/victim/room/state",
            "/station/s-1/device/victim/state",
            "station/s-1/devices/victim/state", "station/s-1/device/victim/State", "station/s-1/device/victim/",
            "station/s-1/device/victim/command",
        ]
        return names + levels.map { BadMessage($0, good, .badTopic, isDeliverable: false) }
    }()

    // MARK: PlaceBrain

    static let placeBrain: [BadMessage] = Self.placeBrainPayloads + Self.placeBrainTopics

    private static let placeBrainPayloads: [BadMessage] = {
        let telemetry = "placebrain/p-1/devices/victim/telemetry"
        let status = "placebrain/p-1/devices/victim/status"
        let large = [
            BadMessage(telemetry, Self.tooLarge(#"{"values":{"t":1},"comment":""#, "\"}"), .tooLarge),
            BadMessage(status, Self.tooLarge(#"{"status":"online","comment":""#, "\"}"), .tooLarge),
        ]
        let values = ["{}", #"{"values":null}"#, #"{"values":[]}"#, #"{"values":1}"#, #"{"temperature":1}"#]
        let times = [
            #""yesterday""#, #""""#, "true", "[]", "{}", "-1", #""-5""#, "1e300", #""nan""#, #""inf""#,
            #""2026-13-01T00:00:00Z""#, "253402300799999",
        ]
        let statuses = ["{}", #"{"status":"asleep"}"#, #"{"status":1}"#, #"{"status":null}"#, #"{"online":true}"#]
        return large
            + [telemetry, status].flatMap { topic in
                Self.notJSON.map { BadMessage(topic, $0, .notJSON) }
                    + Self.notObject.map { BadMessage(topic, $0, .notObject) }
                    + Self.notUTF8.map { BadMessage(topic, $0, .notUTF8) }
            }
            + values.map { BadMessage(telemetry, Array($0.utf8), .wrongType) }
            + times.map { BadMessage(telemetry, Array(#"{"values":{"t":1},"ts":\#($0)}"#.utf8), .wrongType) }
            + statuses.map { BadMessage(status, Array($0.utf8), .wrongType) }
    }()

    private static let placeBrainTopics: [BadMessage] = {
        let good = Array(#"{"values":{"t":1},"status":"online"}"#.utf8)
        let names = Self.badNames.flatMap { name in
            [
                BadMessage("placebrain/p-1/devices/\(name)/telemetry", good, .badExternalID),
                BadMessage("placebrain/\(name)/devices/victim/status", good, .badTopic),
            ]
        }
        let levels = [
            "placebrain", "placebrain/p-1/devices/victim", "placebrain/p-1/devices/victim/telemetry/now",
            "placebrain/p-1/device/victim/telemetry", "placebrain/p-1/devices/victim/state",
            "placebrain/p-1/devices/victim/command", "placebrain/p-1/alerts",
        ]
        return names + levels.map { BadMessage($0, good, .badTopic, isDeliverable: false) }
    }()
}
