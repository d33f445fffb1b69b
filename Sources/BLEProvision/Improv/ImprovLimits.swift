/// How long an Improv device is waited for.
public struct ImprovLimits: Sendable, Hashable {
    /// For its first state.
    public var start: Duration
    /// For a person to press its button; ESPHome's own window is a minute.
    public var button: Duration
    /// For the device to join the Wi-Fi; ESPHome tries for 30 s and then says so.
    public var attempt: Duration
    /// For the result after the device said that it is done.
    public var result: Duration

    public init(
        start: Duration = .seconds(10), button: Duration = .seconds(60), attempt: Duration = .seconds(60),
        result: Duration = .seconds(2)
    ) {
        self.start = start
        self.button = button
        self.attempt = attempt
        self.result = result
    }
}
