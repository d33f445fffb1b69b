import StationCore
import Testing

@Suite("When a threshold's alert opens and ends")
struct ThresholdRuleTests {
    /// What a reading made of it, without the numbers.
    enum Step {
        case nothing, opens, updates, resolves
    }

    struct Story: CustomTestStringConvertible {
        let testDescription: String
        var kind = Threshold.Kind.max
        var limit = 30.0
        var band: Double?
        var seconds: Int?
        /// At which second which value was read, and what became of it.
        let readings: [(Int64, Double, Step)]
    }

    static let table: [Story] = [
        Story(
            testDescription: "a maximum is violated by more, not by as much; by hand only it ends",
            readings: [
                (0, 29, .nothing), (1, 30, .nothing), (2, 30.0001, .opens), (3, 31, .updates), (4, 20, .nothing),
                (5, -1000, .nothing), (6, 32, .updates),
            ]
        ),
        Story(
            testDescription: "a minimum is violated by less, not by as much", kind: .min,
            readings: [(0, 30, .nothing), (1, 29.9999, .opens), (2, 30, .nothing), (3, -5, .updates)]
        ),
        Story(
            testDescription: "a band of 2 ends a maximum's alert at 28 and below", band: 2,
            readings: [
                (0, 31, .opens), (1, 30, .nothing), (2, 28.0001, .nothing), (3, 28, .resolves), (4, 28, .nothing),
                (5, 30.5, .opens), (6, 10, .resolves),
            ]
        ),
        Story(
            testDescription: "a band of 2 ends a minimum's alert at 32 and above", kind: .min, band: 2,
            readings: [(0, 29, .opens), (1, 31.9999, .nothing), (2, 32, .resolves), (3, 100, .nothing)]
        ),
        Story(
            testDescription: "a band of 0 ends it at the limit itself", band: 0,
            readings: [(0, 31, .opens), (1, 30, .resolves), (2, 30.1, .opens), (3, 30.05, .updates)]
        ),
        Story(
            testDescription: "a violation of 10 s is asked for, and begins anew after every good reading", band: 0,
            seconds: 10,
            readings: [
                (0, 31, .nothing), (9, 31, .nothing), (10, 30, .nothing), (11, 31, .nothing), (20, 31, .nothing),
                (21, 31, .opens), (22, 31, .updates), (23, 30, .resolves), (24, 31, .nothing), (34, 31, .opens),
            ]
        ),
        Story(
            testDescription: "0 s is at once", seconds: 0, readings: [(0, 31, .opens)]
        ),
        Story(
            testDescription: "a clock that was set back begins the time anew rather than never", seconds: 10,
            readings: [(1000, 31, .nothing), (5, 31, .nothing), (14, 31, .nothing), (15, 31, .opens)]
        ),
        Story(
            testDescription: "a boolean as 1 and 0 above one half", limit: 0.5, band: 0,
            readings: [(0, 0, .nothing), (1, 1, .opens), (2, 1, .updates), (3, 0, .resolves)]
        ),
    ]

    @Test("is told by the readings alone", arguments: table)
    func stories(_ story: Story) {
        let rule = ThresholdRule(.make(story.kind, story.limit, band: story.band, seconds: story.seconds))
        var phase = ThresholdRule.Phase.quiet
        for (second, value, expected) in story.readings {
            let outcome = rule.take(value, at: Timestamp(milliseconds: second * 1000), in: &phase)
            #expect(outcome.step == expected, "at \(second) s, \(value)")
        }
    }

    @Test("The tally has the first, the last and the worst value, and counts those beyond the limit only")
    func tally() {
        for (kind, values, peak) in [
            (Threshold.Kind.max, [31.0, 35, 29, 33], 35.0), (.min, [29.0, 25, 31, 27], 25.0),
        ] {
            let rule = ThresholdRule(.make(kind, 30))
            var phase = ThresholdRule.Phase.quiet
            for value in values { _ = rule.take(value, at: Timestamp(milliseconds: 0), in: &phase) }
            #expect(
                phase == .open(AlertTally(value: values[0], lastValue: values[3], peakValue: peak, count: 3))
            )
        }
    }

    @Test("What led to an alert that had to last is part of its tally")
    func tallyOfPending() {
        let rule = ThresholdRule(.make(.max, 30, seconds: 2))
        var phase = ThresholdRule.Phase.quiet
        var outcomes: [ThresholdRule.Outcome] = []
        for (second, value) in [(0, 31.0), (1, 40), (2, 32)] {
            outcomes.append(rule.take(value, at: Timestamp(milliseconds: Int64(second) * 1000), in: &phase))
        }
        #expect(
            outcomes == [
                .unchanged, .unchanged,
                .opens(AlertTally(value: 31, lastValue: 32, peakValue: 40, count: 3)),
            ]
        )
    }
}

extension Threshold {
    fileprivate static func make(
        _ kind: Kind, _ value: Double, band: Double? = nil, seconds: Int? = nil
    ) -> Threshold {
        let time = Timestamp(milliseconds: 0)
        return Threshold(
            id: .make(at: time), sensorID: .make(at: time), kind: kind, value: value, clearBand: band,
            forSeconds: seconds, createdAt: time
        )
    }
}

extension ThresholdRule.Outcome {
    fileprivate var step: ThresholdRuleTests.Step {
        switch self {
        case .unchanged: .nothing
        case .opens: .opens
        case .updates: .updates
        case .resolves: .resolves
        }
    }
}
