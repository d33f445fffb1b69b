import GRDB
import StationCore
import StationData
import StationTestSupport
import Testing

@Suite("The history of readings")
struct HistoryTests {
    /// What the history should be: of each key, the last value of every millisecond.
    private struct Model {
        private(set) var values: [String: [Int64: Double]] = [:]

        mutating func add(_ value: Double, to key: String, at time: Timestamp) {
            self.values[key, default: [:]][time.milliseconds] = value
        }

        func raw(_ query: ReadingQuery) -> [String: [TestPoint]] {
            self.values.filter { query.keys?.contains($0.key) ?? true }
                .mapValues { points in
                    points.filter { query.from.milliseconds <= $0.key && $0.key < query.to.milliseconds }
                        .sorted { $0.key < $1.key }
                        .map { TestPoint(Timestamp(milliseconds: $0.key), $0.value) }
                }
                .filter { !$0.value.isEmpty }
        }

        func buckets(_ query: ReadingQuery, width: Int64) -> [String: [Int64: [Double]]] {
            self.raw(query).mapValues { points in
                Dictionary(grouping: points) { $0.time.milliseconds / width * width }
                    .mapValues { $0.map(\.value) }
            }
        }
    }

    private func expect(_ query: ReadingQuery, at station: TestStation, like model: Model) async throws {
        let series = try await station.hub.readings(query)
        #expect(series.map(\.key) == series.map(\.key).sorted())
        guard let interval = query.interval else {
            let found = Dictionary(uniqueKeysWithValues: series.map { ($0.key, $0.points.raw ?? []) })
            let isEqual = found == model.raw(query)
            #expect(isEqual, "raw \(query)")
            return
        }
        let expected = model.buckets(query, width: interval.milliseconds)
        #expect(Set(series.map(\.key)) == Set(expected.keys))
        for series in series {
            guard case .buckets(let buckets) = series.points else {
                Issue.record("no buckets")
                continue
            }
            let values = expected[series.key] ?? [:]
            #expect(buckets.map(\.time.milliseconds) == values.keys.sorted(), "\(query)")
            for bucket in buckets {
                let values = values[bucket.time.milliseconds] ?? []
                #expect(bucket.count == values.count, "\(query)")
                #expect(bucket.minimum == values.min())
                #expect(bucket.maximum == values.max())
                let average = values.reduce(0, +) / Double(max(1, values.count))
                #expect(abs(bucket.average - average) < 1e-9 * max(1, abs(average)))
            }
        }
    }

    @Test(
        "Raw and folded, in memory, journal and place, it is what was reported", arguments: 1...8 as ClosedRange<UInt64>
    )
    func model(seed: UInt64) async throws {
        try await TestStation.run { station in
            var random = RepeatableRandom(seed: seed)
            let device = try await station.addOnline()
            let other = try await station.addOnline()
            let start = station.clock.wallTime
            var model = Model()
            var kinds: Set<Int> = []
            var newest: Timestamp?
            for _ in 0..<150 {
                switch Int.random(in: 0..<12, using: &random) {
                case 0: try await station.hub.flush(.rows)
                case 1: try await station.hub.settleJournal()
                case 2:
                    let span = start.milliseconds - 70_000...station.clock.wallTime.milliseconds + 2
                    let borders = [Int64.random(in: span, using: &random), Int64.random(in: span, using: &random)]
                    let width = [nil, 1, 7, 1000, 60_000, 86_400_000].randomElement(using: &random) ?? nil
                    kinds.insert(width.map { Int($0) } ?? 0)
                    let keys = [nil, ["a"], ["b", "c", "none"], []].randomElement(using: &random) ?? nil
                    let query = ReadingQuery(
                        deviceID: device.id, keys: keys, from: Timestamp(milliseconds: borders.min() ?? 0),
                        to: Timestamp(milliseconds: borders.max() ?? 0), interval: width.map { .milliseconds($0) }
                    )
                    try await self.expect(query, at: station, like: model)
                default:
                    // Now and then within the same millisecond, or of a device whose clock is a minute late.
                    station.clock.advance(by: .milliseconds(Int.random(in: 0...40, using: &random) * 25))
                    let isLate = Int.random(in: 0..<8, using: &random) == 0
                    var time = station.clock.wallTime.adding(isLate ? .seconds(-60) : .zero)
                    if !isLate {
                        // Each report of a burst gets a moment of its own.
                        if let newest, time <= newest { time = newest.adding(.milliseconds(1)) }
                        newest = time
                    }
                    var patch = JSONObject()
                    for key in ["a", "b", "c"] where Bool.random(using: &random) {
                        let value = (Double.random(in: -100...100, using: &random) * 4).rounded() / 4
                        patch[key] = .number(value)
                        model.add(value, to: key, at: time)
                    }
                    await station.hear(.state(patch, measuredAt: isLate ? time : nil), from: device)
                    await station.hear(.state(["a": 1_000_000]), from: other)
                }
            }
            #expect(kinds.count > 2)
            func expectAll(_ station: TestStation) async throws {
                for interval in [nil, Duration.seconds(10)] {
                    try await self.expect(.all(of: device.id, interval: interval), at: station, like: model)
                }
            }
            try await expectAll(station)
            let again = try await station.restarted()
            try await expectAll(again)
            try await again.hub.settleJournal()
            try await expectAll(again)
        }
    }

    @Test("A range holds its first moment and not its last, wherever the reading is kept")
    func borders() async throws {
        try await TestStation.run { station in
            let device = try await station.addOnline(type: "climate")
            let time = station.clock.wallTime
            await station.hear(.state(["temperature": 20]), from: device)
            func count(_ from: Int, _ to: Int, _ interval: Duration? = nil) async throws -> Int {
                let query = ReadingQuery(
                    deviceID: device.id, keys: ["temperature"], from: time.adding(.milliseconds(from)),
                    to: time.adding(.milliseconds(to)), interval: interval
                )
                return try await station.hub.readings(query).count
            }
            for store in ["memory", "journal", "place"] {
                if store == "journal" { try await station.hub.flush(.rows) }
                if store == "place" { try await station.hub.settleJournal() }
                for interval in [nil, Duration.seconds(60)] {
                    #expect(try await count(0, 1, interval) == 1, "\(store)")
                    #expect(try await count(-1, 0, interval) == 0, "\(store)")
                    #expect(try await count(1, 2, interval) == 0, "\(store)")
                    #expect(try await count(0, 0, interval) == 0, "\(store)")
                    #expect(try await count(5, -5, interval) == 0, "\(store)")
                }
            }
        }
    }

    @Test("Buckets begin at multiples of their width since 1970; only those with a reading are there")
    func buckets() async throws {
        try await TestStation.run { station in
            let device = try await station.addOnline(type: "climate")
            let base = station.clock.wallTime  // 08:30:00
            for (pause, value) in [(0, 10.0), (59, 20), (1, 30), (180, 40)] {
                station.clock.advance(by: .seconds(pause))
                await station.hear(.state(["temperature": .number(value)]), from: device)
            }
            let query = ReadingQuery(
                deviceID: device.id, keys: nil, from: base, to: base.adding(.seconds(3600)), interval: .seconds(60)
            )
            for _ in 0..<2 {
                guard case .buckets(let buckets)? = try await station.hub.readings(query).first?.points else {
                    Issue.record("no buckets")
                    return
                }
                #expect(buckets.map(\.time) == [0, 60, 240].map { base.adding(.seconds($0)) })
                #expect(buckets.map(\.count) == [2, 1, 1])
                #expect(buckets.map(\.average) == [15, 30, 40])
                #expect(buckets.map(\.minimum) == [10, 30, 40])
                #expect(buckets.map(\.maximum) == [20, 30, 40])
                try await station.hub.flush(.rows)
            }
        }
    }

    @Test(
        "A width of nothing is none: the readings themselves",
        arguments: [Duration.zero, .microseconds(10), .seconds(-60)])
    func noWidth(interval: Duration) async throws {
        try await TestStation.run { station in
            let device = try await station.addOnline(type: "climate")
            await station.hear(.state(["temperature": 20]), from: device)
            let series = try await station.hub.readings(.all(of: device.id, interval: interval))
            #expect(series.first?.points.raw?.map(\.value) == [20])
        }
    }

    @Test("Units come from the type, and a key that the type does not declare has none")
    func units() async throws {
        try await TestStation.run { station in
            let device = try await station.addOnline()
            await station.hear(.state(["temperature": 20, "x": 1]), from: device)
            #expect(try await station.hub.readings(.all(of: device.id)).map(\.unit) == [nil, nil])
            await station.hear(.hello(type: "climate"), from: device)
            #expect(try await station.hub.readings(.all(of: device.id)).map(\.unit) == ["°C", nil])
        }
    }

    @Test("A device that is not there has no history to show, one that never reported has an empty one")
    func nothing() async throws {
        try await TestStation.run { station in
            let device = try await station.add()
            #expect(try await station.hub.readings(.all(of: device.id)) == [])
            let id = DeviceID.make(at: station.clock.wallTime)
            await #expect(throws: StoreError.deviceNotFound(id.description)) {
                try await station.hub.readings(.all(of: id))
            }
        }
    }

    @Test("cannot be read while the store cannot, and says so")
    func unreadable() async throws {
        try await TestStation.run { station in
            let device = try await station.addOnline()
            try station.execute("ALTER TABLE reading_series RENAME TO away")
            let error = await #expect(throws: StoreError.self) { try await station.hub.readings(.all(of: device.id)) }
            #expect(error?.isUnavailable == true)
        }
    }

    // MARK: Settling

    @Test(
        "Settling moves everything and empties the journal; doing it again, or after a crash in its middle, changes nothing"
    )
    func settling() async throws {
        try await TestStation.run { station in
            // More series than one step of the settling takes.
            let devices = try await station.hub.addDevices((0..<5).map { NewDevice(name: "D\($0)") }).map(\.device)
            for round in 0..<3 {
                station.clock.advance(by: .seconds(1))
                for device in devices {
                    await station.hear(.state(.numbered(0..<100, value: Int64(round))), from: device)
                }
            }
            try await station.hub.flush(.rows)
            #expect(try station.count("reading_journal") == 1500)
            func answers() async throws -> [[ReadingSeries]] {
                var answers: [[ReadingSeries]] = []
                for device in devices {
                    for interval in [nil, Duration.seconds(60)] {
                        answers.append(try await station.hub.readings(.all(of: device.id, interval: interval)))
                    }
                }
                return answers
            }
            let before = try await answers()
            #expect(before.allSatisfy { $0.count == 100 })

            // A crash in the middle: a batch is begun, and some are in both places.
            try station.execute(
                """
                INSERT INTO reading_batches (journal_last, first_time, last_time)
                    SELECT max(id), min(time), max(time) FROM reading_journal;
                INSERT INTO reading_points
                    SELECT (SELECT max(id) FROM reading_batches), series_id, time, value
                    FROM reading_journal WHERE series_id <= 250;
                """
            )
            let isSameInTheMiddle = try await answers() == before
            #expect(isSameInTheMiddle)
            #expect(try station.count("readings") == 1500)

            for _ in 0..<2 {
                try await station.hub.settleJournal()
                let isSame = try await answers() == before
                #expect(isSame)
                #expect(try station.count("reading_journal") == 0)
                #expect(try station.count("reading_points") == 1500)
            }
        }
    }

    @Test("Settling happens by itself every ten minutes")
    func regularSettling() async throws {
        try await TestStation.run { station in
            let device = try await station.addOnline()
            await station.hear(.state(["n": 1]), from: device)
            await station.live(for: .seconds(590), step: .seconds(5))
            #expect(try station.count("reading_journal") == 1)
            await station.live(for: .seconds(20), step: .seconds(5))
            #expect(try station.count("reading_journal") == 0)
            #expect(try station.count("reading_points") == 1)
        }
    }

    @Test("A reading that comes while the journal is settled is not lost")
    func settlingUnderLoad() async throws {
        var settings = HubSettings()
        settings.deviceRate = TokenBucket.Limit(perSecond: 1e9, burst: 1e9)
        try await TestStation.run(settings: settings) { station in
            let device = try await station.addOnline()
            let (hub, clock) = (station.hub, station.clock)
            try await withThrowingTaskGroup { group in
                group.addTask {
                    for number in 0..<1000 {
                        clock.advance(by: .milliseconds(1))
                        await hub.hear([.from(device, .state(["n": .integer(Int64(number))]))])
                        if number.isMultiple(of: 20) { try await hub.flush(.rows) }
                    }
                }
                group.addTask {
                    for _ in 0..<30 { try await hub.settleJournal() }
                }
                try await group.waitForAll()
            }
            try await hub.flush(.rows)
            try await hub.settleJournal()
            let values = try await hub.readings(.all(of: device.id)).first?.points.raw?.map(\.value)
            #expect(values == (0..<1000).map(Double.init))
        }
    }
}
