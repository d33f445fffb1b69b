import Testing

@testable import StationAgent

@Suite("Lengths of time")
struct ConfigurationDurationTests {
    @Test(
        "are read as people write them",
        arguments: [
            ("250ms", Duration.milliseconds(250)), ("5s", .seconds(5)), ("15m", .seconds(900)),
            ("15 min", .seconds(900)),
            ("12h", .seconds(43_200)), ("7d", .seconds(604_800)), ("30 d", .seconds(2_592_000)),
            ("2 Days", .seconds(172_800)),
            ("1w", .seconds(604_800)), ("1.5h", .seconds(5_400)), ("0.25s", .milliseconds(250)), ("90", .seconds(90)),
            ("0", .zero), ("2.5", .milliseconds(2_500)), ("1 HOUR", .seconds(3_600)),
        ])
    func good(text: String, expected: Duration) throws {
        #expect(try DurationText.read(text, bareSeconds: true) == expected)
    }

    @Test(
        "are refused otherwise",
        arguments: [
            "", " ", "s", ".5s", "5.", "1.2.3s", "-5s", "+5s", "5 5s", "5x", "1e3s", "٣s", "5s!", "inf", "0x10",
            "1e400d",
            String(repeating: "9", count: 400),
        ])
    func bad(text: String) {
        #expect(throws: InvalidValue.self) { try DurationText.read(text, bareSeconds: true) }
    }

    @Test("a number without a unit means seconds only where the setting says so; zero needs no unit")
    func bare() throws {
        #expect(throws: InvalidValue("its unit is missing")) { try DurationText.read("30", bareSeconds: false) }
        #expect(try DurationText.read("0", bareSeconds: false) == .zero)
    }

    @Test(
        "are written in the largest unit that fits, and read back the same",
        arguments: [
            ("0s", Duration.zero), ("250ms", .milliseconds(250)), ("5s", .seconds(5)), ("90s", .seconds(90)),
            ("15m", .seconds(900)), ("36h", .seconds(129_600)), ("30d", .seconds(2_592_000)),
            ("1500ms", .milliseconds(1_500)),
        ])
    func written(text: String, duration: Duration) throws {
        #expect(DurationText.write(duration) == text)
        #expect(try DurationText.read(text, bareSeconds: false) == duration)
    }
}
