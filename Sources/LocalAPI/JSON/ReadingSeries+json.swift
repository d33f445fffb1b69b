import StationCore
import StationData

extension ReadingSeries {
    /// The shape of contract 2, "Shapes".
    var json: JSONValue {
        let points: [JSONValue] =
            switch self.points {
            case .raw(let points): points.map(\.json)
            case .buckets(let buckets): buckets.map(\.json)
            }
        return ["key": .string(self.key), "unit": JSONValue(self.unit), "points": .array(points)]
    }
}

extension ReadingSeries.RawPoint {
    fileprivate var json: JSONValue {
        ["time": JSONValue(self.time), "value": JSONValue(plain: self.value)]
    }
}

extension ReadingSeries.Bucket {
    fileprivate var json: JSONValue {
        [
            "time": JSONValue(self.time),
            "avg": JSONValue(plain: self.average),
            "min": JSONValue(plain: self.minimum),
            "max": JSONValue(plain: self.maximum),
            "count": .integer(Int64(self.count)),
        ]
    }
}
