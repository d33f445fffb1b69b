import MQTTTransport
import StationTestSupport

/// Messages of strangers on the topics that the station listens to, the same in every run: some of them nearly right,
/// some quite right but from nobody, most of them not at all.
struct Noise {
    private static let topics = [
        ("station", "device", ["handshake", "state", "event", "heartbeat"]),
        ("placebrain", "devices", ["telemetry", "status"]),
    ]
    private static let names = ["s-1", "nobody", "n.2_3", "", "a b", "ü", "💡", "..", String(repeating: "l", count: 65)]
    private static let payloads = [
        #"{"type":"climate","firmwareVersion":"0.1.32","chip":"esp32","kit_tag":"k-1"}"#,
        #"{"state":{"temperature":23.5,"on":true},"timestamp":"2026-11-21T08:30:00.000Z"}"#,
        #"{"event":"device_event","data":{"action":"motion_detected"}}"#, #"{"status":"online"}"#,
        #"{"status":"offline"}"#, #"{"values":{"t":1e3,"on":false},"ts":1795249800}"#,
    ].map { Array($0.utf8) }
    private static let fragments = [
        "{", "}", "[", "]", ":", ",", "\"", "\\u", "d800", "null", "true", "1e999", "-0", "\"state\"", "\"status\"",
        "\"event\"", "\"type\"", " ", "\u{0}", "é", "7",
    ]

    private var random: RepeatableRandom

    init(seed: UInt64) {
        self.random = RepeatableRandom(seed: seed)
    }

    mutating func next() -> MQTTMessage {
        MQTTMessage(topic: self.topic(), payload: self.payload())
    }

    private mutating func topic() -> String {
        let (root, middle, suffixes) = self.random.pick(Self.topics)
        return "\(root)/\(self.name())/\(middle)/\(self.name())/\(self.random.pick(suffixes))"
    }

    /// Half of the names are fine, so that a bad payload is found for what it is.
    private mutating func name() -> String {
        guard Bool.random(using: &self.random) else { return self.random.pick(Self.names) }
        return "nobody-\(Int.random(in: 0..<50, using: &self.random))"
    }

    private mutating func payload() -> [UInt8] {
        switch Int.random(in: 0..<5, using: &self.random) {
        case 0: return self.random.bytes(Int.random(in: 0...200, using: &self.random))
        case 1: return self.mutated()
        case 2:
            let count = Int.random(in: 1...40, using: &self.random)
            return (0..<count).flatMap { _ in Array(self.random.pick(Self.fragments).utf8) }
        case 3: return Array(#"["nearly",{"state":"an object"}]"#.utf8)
        default:
            let isLarge = Int.random(in: 0..<200, using: &self.random) == 0
            return isLarge ? self.random.bytes(70_000) : self.random.pick(Self.payloads)
        }
    }

    private mutating func mutated() -> [UInt8] {
        var payload = self.random.pick(Self.payloads)
        for _ in 0..<Int.random(in: 1...3, using: &self.random) where !payload.isEmpty {
            let index = Int.random(in: payload.indices, using: &self.random)
            switch Int.random(in: 0..<3, using: &self.random) {
            case 0: payload[index] = UInt8.random(in: .min ... .max, using: &self.random)
            case 1: payload.remove(at: index)
            default: payload.removeSubrange(index...)
            }
        }
        return payload
    }
}
