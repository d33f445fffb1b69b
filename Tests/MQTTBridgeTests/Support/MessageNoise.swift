import StationTestSupport

/// Random messages, the same in every run: some of them nearly right, some not at all.
struct MessageNoise {
    private static let levels = [
        "station", "placebrain", "device", "devices", "s-1", "p-1", "noisy", "", "ü", "a b", "💡", "$SYS", "handshake",
        "state", "event", "heartbeat", "telemetry", "status", "command", String(repeating: "l", count: 65),
    ]
    private static let topics =
        ["handshake", "state", "event", "heartbeat"].map { suffix in
            "station/s-1/device/noisy/\(suffix)"
        }
        + ["telemetry", "status"].map { "placebrain/p-1/devices/noisy/\($0)" }
    private static let payloads = [
        #"{"type":"climate","firmwareVersion":"0.1.32","chip":"esp32","kit_tag":"k-1"}"#,
        #"{"state":{"temperature":23.5,"humidity":60,"on":true},"timestamp":"2026-11-21T08:30:00.000Z"}"#,
        #"{"event":"device_event","data":{"action":"motion_detected"}}"#, #"{"status":"online"}"#,
        #"{"values":{"t":1e3,"on":false},"ts":1795249800}"#, #"{"status":"offline"}"#,
    ].map { Array($0.utf8) }
    private static let words = [
        "{", "}", "[", "]", ":", ",", "\"", "\\", "\\u", "d800", "null", "true", "1e999", "-0", "0x1", "\"state\"",
        "\"status\"", "\"values\"", "\"event\"", "\"type\"", " ", "\u{0}", "é", "💡",
    ]

    private var random: RepeatableRandom

    init(seed: UInt64) {
        self.random = RepeatableRandom(seed: seed)
    }

    /// A topic that may be published (no wildcards, control characters or emptiness) and any bytes.
    mutating func next() -> (topic: String, payload: [UInt8]) {
        (self.topic(), self.payload())
    }

    private mutating func topic() -> String {
        let kind = Int.random(in: 0..<6, using: &self.random)
        if kind < 4, let topic = Self.topics.randomElement(using: &self.random) { return topic }
        let count = kind == 4 ? 5 : Int.random(in: 2...7, using: &self.random)
        var levels = (0..<count).compactMap { _ in Self.levels.randomElement(using: &self.random) }
        if kind == 4 { (levels[0], levels[2], levels[4]) = ("station", "device", "state") }
        let topic = levels.joined(separator: "/")
        return topic.isEmpty || topic.hasPrefix("$") ? "noise" + topic : topic
    }

    private mutating func payload() -> [UInt8] {
        switch Int.random(in: 0..<4, using: &self.random) {
        case 0: self.random.bytes(Int.random(in: 0...200, using: &self.random))
        case 1: self.mutated()
        case 2: self.gibberish()
        default:
            Int.random(in: 0..<200, using: &self.random) == 0
                ? self.random.bytes(70_000) : Self.payloads.randomElement(using: &self.random) ?? []
        }
    }

    private mutating func mutated() -> [UInt8] {
        var payload = Self.payloads.randomElement(using: &self.random) ?? []
        for _ in 0..<Int.random(in: 1...3, using: &self.random) {
            let index = Int.random(in: payload.indices, using: &self.random)
            switch Int.random(in: 0..<3, using: &self.random) {
            case 0: payload[index] = UInt8.random(in: .min ... .max, using: &self.random)
            case 1: payload.remove(at: index)
            default: payload.removeSubrange(index...)
            }
            if payload.isEmpty { break }
        }
        return payload
    }

    private mutating func gibberish() -> [UInt8] {
        let count = Int.random(in: 1...40, using: &self.random)
        return (0..<count).flatMap { _ in Array((Self.words.randomElement(using: &self.random) ?? "").utf8) }
    }
}
