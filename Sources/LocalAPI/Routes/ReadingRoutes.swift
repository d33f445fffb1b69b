import HTTPTypes
import Hummingbird
import HummingbirdCore
import StationCore
import StationData

/// `GET /api/devices/{id}/readings`: the history of a device's numbers, raw or in buckets.
struct ReadingRoutes: Sendable {
    static let maximumRawSpan: Duration = .seconds(2 * 3600)
    static let maximumBuckets = 5000
    private static let intervals: ClosedRange<Duration> = .seconds(1)...Duration.seconds(31 * 86_400)
    private static let defaultSpan: Duration = .seconds(3600)

    let hub: StationHub
    let clock: any StationClock

    func add(to book: inout RouteBook, _ hooks: Hooks) {
        book.add(
            .get, "/api/devices/{id}/readings", by: hooks.user,
            Operation(
                "getReadings", .devices, "The history of a device's numbers: raw up to 2 hours, or in buckets.",
                query: [
                    .init("key", .array(.string), "Only these keys; repeated, or with commas."),
                    .init("from", .givenTime, "The first moment; by default an hour before `to`."),
                    .init("to", .givenTime, "The first moment that no longer belongs to it; by default now."),
                    .init(
                        "interval", .pattern("^(0|[1-9][0-9]{0,5})[smhd]?$"),
                        "The width of a bucket, at least a second: 60, 60s, 5m, 1h."
                    ),
                ],
                answers: [.ok("One series for each key.", .readings)]
            ),
            use: self.read
        )
    }

    @Sendable private func read(_ request: Request, _ context: LocalAPIContext) async throws -> Response {
        let id = try context.pathID("id", of: Device.self, orElse: APIError.deviceNotFound)
        _ = try context.access(self.hub).device(id)
        var query = try QueryReader(request)
        let keys = self.keys(&query)
        let (from, to) = self.span(&query)
        let interval = self.interval(&query, from: from, to: to)
        try query.finish()
        let series = try await self.hub.readings(
            ReadingQuery(deviceID: id, keys: keys, from: from, to: to, interval: interval)
        )
        return .json(["deviceId": .string(id.description), "series": .array(series.map(\.json))])
    }

    /// The keys that are wanted, repeated or as a list with commas; `nil` for all.
    private func keys(_ query: inout QueryReader) -> [String]? {
        let given = query.texts("key")
        guard !given.isEmpty else { return nil }
        let keys = given.flatMap { $0.split(separator: ",").map(String.init) }
        if keys.isEmpty { query.refuse("key", "“key” is empty; leave it out for all keys.") }
        return keys
    }

    /// `[from, to)`, by default the hour up to now; now itself included, because what has just come in is part of it.
    private func span(_ query: inout QueryReader) -> (from: Timestamp, to: Timestamp) {
        let givenFrom = query.time("from")
        let to = query.time("to") ?? self.clock.wallTime.adding(.milliseconds(1))
        let from = givenFrom ?? to.adding(.zero - Self.defaultSpan)
        if from >= to {
            query.refuse("from", "“from” is \(from); it must be before “to”, \(to).")
        }
        return (from, to)
    }

    private func interval(_ query: inout QueryReader, from: Timestamp, to: Timestamp) -> Duration? {
        let span = Duration.milliseconds(to.milliseconds - from.milliseconds)
        guard let text = query.text("interval") else {
            if span > Self.maximumRawSpan {
                query.refuse(
                    "interval", as: .missing,
                    "Without “interval” at most 2 hours are shown; between “from” and “to” are more."
                )
            }
            return nil
        }
        guard let interval = Duration(interval: text) else {
            query.refuse(
                "interval", as: .type,
                "“interval” is “\(text)”; it must be a whole number of seconds, or such as 60s, 5m, 1h."
            )
            return nil
        }
        guard Self.intervals.contains(interval) else {
            query.refuse("interval", "“interval” is “\(text)”; it must be from 1 second to 31 days.")
            return nil
        }
        let buckets = (span.milliseconds + interval.milliseconds - 1) / interval.milliseconds
        if buckets > Self.maximumBuckets {
            query.refuse(
                "interval",
                "“interval” is “\(text)”, which makes \(buckets) points; at most \(Self.maximumBuckets) are shown."
            )
        }
        return interval
    }
}

extension Duration {
    /// Reads `60`, `60s`, `5m`, `1h` or `7d`; at most nine digits.
    fileprivate init?(interval text: String) {
        let digits = text.prefix { ("0"..."9").contains($0) }
        guard (1...9).contains(digits.utf8.count), let count = Int64(digits) else { return nil }
        switch text.dropFirst(digits.count) {
        case "", "s": self = .seconds(count)
        case "m": self = .seconds(count * 60)
        case "h": self = .seconds(count * 3600)
        case "d": self = .seconds(count * 86_400)
        default: return nil
        }
    }
}
