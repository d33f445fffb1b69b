import StationCore

extension JSONValue {
    /// A measured number as people write it: `60` rather than `60.0`.
    init(plain number: Double) {
        self = Int64(exactly: number).map(JSONValue.integer) ?? JSONValue(number)
    }

    init(plain number: Double?) {
        self = number.map { JSONValue(plain: $0) } ?? .null
    }

    /// ISO 8601 in UTC with milliseconds, or `null`.
    init(_ time: Timestamp?) {
        self.init(time?.description)
    }
}
