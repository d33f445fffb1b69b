import HTTPTypes
import HummingbirdCore
import StationCore
import StationData

/// What the devices of a place have measured (contract 2, "Places, sensors, actuators, thresholds, alerts").
struct TelemetryRoutes: Sendable {
    private static let path = "\(PlaceDeviceRoutes.path)/{device}/telemetry"
    private static let maximumInterval = 31 * 86_400

    let hub: StationHub

    func add(to book: inout RouteBook, _ hooks: Hooks) {
        book.add(
            .get, "\(Self.path)/latest", by: hooks.placeMember,
            Operation(
                "getLatestTelemetry", .sensors, "The newest value of every key; 1 and 0 for booleans.",
                answers: [
                    .ok(
                        "The values.",
                        .object([
                            ("readings", .array(.object([("key", .string), ("value", .number), ("time", .time)])))
                        ])
                    )
                ]
            ),
            use: self.latest
        )
        book.add(
            .get, "\(Self.path)/history", by: hooks.placeMember,
            Operation(
                "getTelemetryHistory", .sensors,
                "What was measured in [from, to): raw up to 2 hours, or in buckets with gaps as nulls.",
                query: [
                    .init("from", .givenTime, "The first moment.", isRequired: true),
                    .init("to", .givenTime, "The first moment that no longer belongs to it.", isRequired: true),
                    .init(
                        "interval", .integer(0...Int64(Self.maximumInterval)),
                        "The width of a bucket in seconds; 0, the default, for the readings themselves."
                    ),
                    .init("keys", .string, "Only these keys, with commas."),
                ],
                answers: [.ok("One series for each key.", .object([("series", .array(.telemetrySeries))]))]
            ),
            use: self.history
        )
    }

    @Sendable private func latest(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        let readings = try await self.hub.latestReadings(of: context.placeDevice(self.hub).id)
        return .json(["readings": .array(readings.map(\.json))])
    }

    @Sendable private func history(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        let device = try context.placeDevice(self.hub)
        var query = try QueryReader(request)
        let (from, to) = query.span()
        let interval = query.number("interval", in: 0...Self.maximumInterval) ?? 0
        if let from, let to { query.demand(interval: interval, for: from, to) }
        let keys = query.text("keys").map { $0.split(separator: ",").map(String.init) }
        try query.finish()
        guard let from, let to else { return .json(["series": []]) }
        let width = Duration.seconds(interval)
        let series = try await self.hub.readings(
            ReadingQuery(deviceID: device.id, keys: keys, from: from, to: to, interval: width)
        )
        return .json(["series": .array(series.map { $0.telemetry(from: from, to: to, interval: width) })])
    }
}

extension QueryReader {
    /// `from` and `to`, which must both be there and in this order.
    fileprivate mutating func span() -> (from: Timestamp?, to: Timestamp?) {
        let from = self.requiredTime("from")
        let to = self.requiredTime("to")
        if let from, let to, from >= to {
            self.refuse("from", "“from” is \(from); it must be before “to”, \(to).")
        }
        return (from, to)
    }

    private mutating func requiredTime(_ name: String) -> Timestamp? {
        let count = self.texts(name).count
        if count == 0 { self.refuse(name, as: .missing, "The query item “\(name)” is missing.") }
        return self.time(name)
    }

    /// Keeps an answer to a bearable size.
    fileprivate mutating func demand(interval: Int, for from: Timestamp, _ to: Timestamp) {
        let span = Duration.milliseconds(to.milliseconds - from.milliseconds)
        guard interval > 0 else {
            if span > ReadingRoutes.maximumRawSpan {
                self.refuse(
                    "interval", "With “interval” 0 at most 2 hours are shown; between “from” and “to” are more.")
            }
            return
        }
        // One more than fits exactly: the first may begin before “from”.
        let buckets = span.milliseconds / (Int64(interval) * 1000) + 1
        if buckets > ReadingRoutes.maximumBuckets {
            self.refuse(
                "interval",
                "“interval” is \(interval), which makes \(buckets) points; at most \(ReadingRoutes.maximumBuckets) are shown."
            )
        }
    }
}

extension Schema {
    fileprivate static let telemetrySeries = Schema.object([
        ("key", .string),
        (
            "points",
            .array(
                .object([
                    ("time", .time), ("avg", .number.nullable), ("min", .number.nullable), ("max", .number.nullable),
                ])
            )
        ),
        ("raw_points", .array(.object([("time", .time), ("value", .number)]))),
    ]).named("TelemetrySeries")
}

extension LatestReading {
    fileprivate var json: JSONValue {
        ["key": .string(self.key), "value": JSONValue(plain: self.value), "time": JSONValue(self.time)]
    }
}

extension ReadingSeries {
    /// Buckets without gaps, or the readings themselves; whichever it is not stays empty.
    fileprivate func telemetry(from: Timestamp, to: Timestamp, interval: Duration) -> JSONValue {
        var slots: [JSONValue] = []
        var raw: [JSONValue] = []
        switch self.points {
        case .raw(let points):
            raw = points.map { ["time": JSONValue($0.time), "value": JSONValue(plain: $0.value)] }
        case .buckets(let buckets):
            slots = TelemetrySlot.filling(buckets, from: from, to: to, interval: interval).map { slot in
                [
                    "time": JSONValue(slot.time), "avg": JSONValue(plain: slot.bucket?.average),
                    "min": JSONValue(plain: slot.bucket?.minimum), "max": JSONValue(plain: slot.bucket?.maximum),
                ]
            }
        }
        return ["key": .string(self.key), "points": .array(slots), "raw_points": .array(raw)]
    }
}
