/// How long an Espressif device is waited for.
public struct EspressifLimits: Sendable, Hashable {
    /// For the device to join the Wi-Fi.
    public var attempt: Duration
    /// Between two looks at how it fares.
    public var interval: Duration

    public init(attempt: Duration = .seconds(60), interval: Duration = .seconds(1)) {
        self.attempt = attempt
        self.interval = interval
    }
}
