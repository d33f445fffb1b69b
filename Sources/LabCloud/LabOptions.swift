/// What a lab cloud does by itself.
public struct LabOptions: Sendable, Hashable {
    /// Every station that asks to be claimed is claimed at once, as if its owner stood beside it.
    public var claimsEverybody = false
    /// A token that this lab does not know is believed if it has the form of a lab's tokens, so that stations outlive a
    /// restart of the lab. A real cloud never does that.
    public var trustsTokens = false
    /// How many entries of the log are kept; the oldest go first.
    public var logCapacity = 20_000

    /// Between the cloud's own pings; nil for a cloud that never pings.
    public var heartbeat: Duration? = .seconds(30)

    public init() {}
}
