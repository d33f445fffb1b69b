/// The times of the link (contract 4, "Heartbeat and backoff").
public struct LinkRules: Sendable, Hashable {
    /// For opening a connection, TLS and the opening handshake included.
    public var connect = Duration.seconds(15)
    /// For the answer to the station's token.
    public var answer = Duration.seconds(15)
    /// Between two pings.
    public var heartbeat = Duration.seconds(30)
    /// For the answer to a ping after the network has changed.
    public var networkAnswer = Duration.seconds(5)
    /// The first pause before another connection.
    public var firstPause = Duration.seconds(2)
    /// The longest, before chance is added.
    public var longestPause = Duration.seconds(60)
    /// How much chance changes a pause, either way.
    public var jitter = 0.2
    /// Over how long returns are spread after the server itself has closed.
    public var spread = Duration.seconds(10)
    /// A link that stayed authenticated for so long was a good one.
    public var stable = Duration.seconds(60)
    /// Two refusals of the token count only when they are so far apart.
    public var refusalGap = Duration.seconds(60)
    /// Between two attempts to store a token.
    public var storePause = Duration.seconds(5)
    /// Between two complaints about the cloud's certificate.
    public var certificateGap = Duration.seconds(3_600)

    public init() {}

    /// - Parameter longestPause: `CLOUD_MAX_BACKOFF`, which can only raise the usual 60 s.
    public init(longestPause: Duration) {
        self.longestPause = max(longestPause, self.longestPause)
    }
}
