/// Chance that repeats: the same seed gives the same numbers on every machine (the SplitMix64 recurrence).
struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) {
        self.state = seed
    }

    /// A generator of its own for each device of a fleet, so that one device's life does not move another's.
    init(seed: UInt64, stream: Int) {
        var source = SeededGenerator(seed: seed)
        self.init(seed: source.next() ^ (UInt64(truncatingIfNeeded: stream) &* 0xD1B5_4A32_D192_ED03))
    }

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = self.state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// Between half of and one and a half times a duration.
    mutating func around(_ duration: Duration) -> Duration {
        duration * Double.random(in: 0.5...1.5, using: &self)
    }
}
