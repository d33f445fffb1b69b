import StationCore

/// State payloads of a type, written out beforehand: a message costs a copy and a few digits.
struct LoadPayloads: Sendable {
    /// Enough that values are seen to move.
    static let variety = 64

    /// Everything up to the closing braces.
    private let stems: [[UInt8]]
    private let sequencePrefix: [UInt8]?

    init(type: VirtualDeviceType, sequenceKey: String?, seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var climate = ClimateModel(using: &generator)
        self.stems = (0..<Self.variety).map { turn in
            let isEven = turn.isMultiple(of: 2)
            let patch: JSONObject =
                switch type {
                case .climate: climate.measure(using: &generator)
                case .pir: ["motion": .bool(isEven)]
                case .switchPIR: [turn % 4 < 2 ? "motion" : "button": .bool(isEven)]
                case .light: ["on": .bool(isEven), "brightness": .integer(.random(in: 1...100, using: &generator))]
                }
            return Array(JSONValue.object(["state": .object(patch)]).serialized().dropLast(2))
        }
        self.sequencePrefix = sequenceKey.map { key in
            [UInt8(ascii: ",")] + JSONValue.string(key).serialized() + [UInt8(ascii: ":")]
        }
    }

    /// The payload of a device's message with this number, counted from 1.
    func payload(number: Int) -> [UInt8] {
        let stem = self.stems[number % Self.variety]
        var payload: [UInt8] = []
        payload.reserveCapacity(stem.count + 48)
        payload.append(contentsOf: stem)
        if let prefix = self.sequencePrefix {
            payload.append(contentsOf: prefix)
            Self.append(number, to: &payload)
        }
        payload.append(UInt8(ascii: "}"))
        payload.append(UInt8(ascii: "}"))
        return payload
    }

    private static func append(_ number: Int, to payload: inout [UInt8]) {
        let start = payload.count
        var rest = number.magnitude
        repeat {
            payload.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0
        payload[start...].reverse()
    }
}
