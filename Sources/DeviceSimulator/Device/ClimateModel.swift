import StationCore

/// The air of a room: three values that wander, each drawn back to what is usual for that room.
struct ClimateModel: Sendable {
    private struct Quantity {
        let usual: Double
        let step: Double
        let range: ClosedRange<Double>
        var value: Double

        init(usual: Double, step: Double, range: ClosedRange<Double>) {
            self.usual = usual
            self.step = step
            self.range = range
            self.value = usual
        }

        mutating func drift(using generator: inout SeededGenerator) {
            let moved = self.value + Double.random(in: -self.step...self.step, using: &generator)
            let drawn = moved + (self.usual - moved) * 0.05
            self.value = min(max(drawn, self.range.lowerBound), self.range.upperBound)
        }

        /// To a tenth, as the sensor reports it.
        var reading: JSONValue { JSONValue((self.value * 10).rounded() / 10) }
    }

    private var temperature: Quantity
    private var humidity: Quantity
    private var pressure: Quantity

    init(using generator: inout SeededGenerator) {
        self.temperature = Quantity(
            usual: .random(in: 18...24, using: &generator), step: 0.2, range: -10...45)
        self.humidity = Quantity(
            usual: .random(in: 35...60, using: &generator), step: 0.8, range: 5...95)
        self.pressure = Quantity(
            usual: .random(in: 1000...1025, using: &generator), step: 0.3, range: 950...1060)
    }

    /// The next measurement.
    mutating func measure(using generator: inout SeededGenerator) -> JSONObject {
        self.temperature.drift(using: &generator)
        self.humidity.drift(using: &generator)
        self.pressure.drift(using: &generator)
        return [
            "temperature": self.temperature.reading, "humidity": self.humidity.reading,
            "pressure": self.pressure.reading,
        ]
    }
}
