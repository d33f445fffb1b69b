import FoundationEssentials
import StationCore
import StationTestSupport
import Testing

@Suite("A timestamp")
struct TimestampTests {
    @Test(
        "is read from ISO 8601",
        arguments: [
            ("1970-01-01T00:00:00.000Z", 0),
            ("2026-11-21T08:30:00.000Z", 1_795_249_800_000),
            ("2026-11-21", 1_795_219_200_000),
            ("2026-11-21T08:30", 1_795_249_800_000),
            ("2026-11-21T08:30Z", 1_795_249_800_000),
            ("2026-11-21t08:30:00z", 1_795_249_800_000),
            ("2026-11-21 08:30:00", 1_795_249_800_000),
            ("2026-11-21T08:30:15", 1_795_249_815_000),
            ("2026-11-21T08:30:15.5Z", 1_795_249_815_500),
            ("2026-11-21T08:30:15,25Z", 1_795_249_815_250),
            ("2026-11-21T08:30:15.123999Z", 1_795_249_815_123),
            ("2026-11-21T08:30:15.000000001Z", 1_795_249_815_000),
            ("2026-11-21T10:30:00+02:00", 1_795_249_800_000),
            ("2026-11-21T10:30:00+02", 1_795_249_800_000),
            ("2026-11-21T03:00:00-0530", 1_795_249_800_000),
            ("2026-11-21T08:30:00-00:00", 1_795_249_800_000),
            ("2026-11-22T08:29+23:59", 1_795_249_800_000),
            ("2016-12-31T23:59:60Z", 1_483_228_799_000),
            ("2024-02-29", 1_709_164_800_000),
            ("2000-02-29", 951_782_400_000),
            ("1972-12-31", 94_608_000_000),
            ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
        ] as [(String, Int64)]
    )
    func reading(text: String, milliseconds: Int64) throws {
        #expect(Timestamp(iso8601: text)?.milliseconds == milliseconds)
    }

    @Test(
        "is not read from anything else",
        arguments: [
            "", "2026", "2026-11", "2026-13-01", "2026-00-10", "2026-11-00", "2026-11-31", "2025-02-29", "2100-02-29",
            "26-11-21", "2026-1-1", "2026/11/21", "20261121", "10000-01-01", "+2026-11-21", "-2026-11-21",
            "2026-11-21T", "2026-11-21T8:30", "2026-11-21T24:00", "2026-11-21T08:60", "2026-11-21T08:30:61",
            "2026-11-21T08:30:", "2026-11-21T08:30:15.", "2026-11-21T08:30:15.Z", "2026-11-21T08",
            "2026-11-21T08:30:15+2:00", "2026-11-21T08:30:15+24:00", "2026-11-21T08:30:15+02:60",
            "2026-11-21T08:30:15+02:", "2026-11-21T08:30:15+", "2026-11-21T08:30:15ZZ", "2026-11-21T08:30:15Z ",
            " 2026-11-21", "2026-11-21T08:30:15 Europe/Berlin", "2026-11-21Z", "2026-11-21\n",
            "٢٠٢٦-11-21", "２０２６-11-21", "yesterday", "1795249800",
            "1969-12-31T23:59:59.999Z", "1970-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01", "0000-01-01",
        ]
    )
    func refusing(text: String) {
        #expect(Timestamp(iso8601: text) == nil)
    }

    @Test("is written in UTC with milliseconds, and at the ends of what four digits show rather than beyond")
    func writing() {
        #expect(Timestamp(milliseconds: 1_795_249_815_007).description == "2026-11-21T08:30:15.007Z")
        #expect(Timestamp(milliseconds: 0).description == "1970-01-01T00:00:00.000Z")
        #expect(Timestamp(milliseconds: -1).description == "1970-01-01T00:00:00.000Z")
        #expect(Timestamp.latest.description == "9999-12-31T23:59:59.999Z")
        #expect(Timestamp(milliseconds: .max).description == "9999-12-31T23:59:59.999Z")
    }

    @Test("agrees with Foundation for any time", arguments: 1...10 as ClosedRange<UInt64>)
    func foundation(seed: UInt64) throws {
        var random = RepeatableRandom(seed: seed)
        for _ in 0..<300 {
            let milliseconds = Int64.random(in: 0...Timestamp.latest.milliseconds, using: &random)
            let timestamp = Timestamp(milliseconds: milliseconds)
            let seconds = milliseconds / 1000
            let whole = Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601)
            let text = timestamp.description
            #expect(text == "\(whole.dropLast()).\(String(milliseconds % 1000 + 1000).dropFirst())Z")
            #expect(Timestamp(iso8601: text) == timestamp)
            #expect(Timestamp(iso8601: whole)?.milliseconds == seconds * 1000)

            // Foundation knows no zones from 18 hours on.
            let offset = Int.random(in: -(17 * 60)...(17 * 60), using: &random)
            let zone = try #require(TimeZone(secondsFromGMT: offset * 60))
            guard offset <= 0 || seconds > 86_400,
                offset >= 0 || seconds < Timestamp.latest.milliseconds / 1000 - 86_400
            else { continue }
            let local = Date.ISO8601FormatStyle(timeZoneSeparator: .colon, timeZone: zone)
                .format(Date(timeIntervalSince1970: Double(seconds)))
            #expect(Timestamp(iso8601: local)?.milliseconds == seconds * 1000, "\(local)")
        }
    }

    @Test("knows the last day of every month of every year until 2400")
    func calendar() {
        var expected: Int64 = 0
        for year in 1970...2400 {
            let isLeap = year % 400 == 0 || (year % 4 == 0 && year % 100 != 0)
            let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
            for (index, length) in lengths.enumerated() {
                let month = String(index + 101).dropFirst()
                #expect(Timestamp(iso8601: "\(year)-\(month)-01")?.milliseconds == expected)
                expected += Int64(length) * 86_400_000
                #expect(Timestamp(iso8601: "\(year)-\(month)-\(length)")?.milliseconds == expected - 86_400_000)
                #expect(Timestamp(iso8601: "\(year)-\(month)-\(length + 1)") == nil)
                #expect(Timestamp(milliseconds: expected - 1).description == "\(year)-\(month)-\(length)T23:59:59.999Z")
            }
        }
    }

    @Test("moves and compares by milliseconds")
    func arithmetic() {
        let time = Timestamp(milliseconds: 1000)
        #expect(time.adding(.milliseconds(1)) == Timestamp(milliseconds: 1001))
        #expect(time.adding(.seconds(-2)) == Timestamp(milliseconds: -1000))
        #expect(time < time.adding(.milliseconds(1)))
        #expect(Duration.milliseconds(1500).milliseconds == 1500)
        #expect(Duration.milliseconds(-1500).milliseconds == -1500)
        #expect(Duration.microseconds(1999).milliseconds == 1)
        #expect(Duration.microseconds(-1999).milliseconds == -1)
        #expect(Duration.milliseconds(2500).seconds == 2.5)
    }
}
