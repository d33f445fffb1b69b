/// How the lab cloud behaves until it is told otherwise; as they are made, a cloud in good health.
public struct LabHabits: Sendable, Hashable {
    /// It takes connections and never answers the opening request. Concerns all stations.
    public var hangs = false
    /// It answers the opening request with this HTTP status. Concerns all stations.
    public var refusal: Int?
    /// It opens the WebSocket and answers no message, though pings.
    public var isSilent = false
    /// It rests so long before it looks at a message.
    public var delay = Duration.zero
    /// The word with which it refuses every token: `auth_failed` or `token_invalid`.
    public var tokenAnswer: String?
    /// Bytes vanish in both directions, pings too, while the connection stands.
    public var isHalfOpen = false
    /// Whether it acknowledges event ids.
    public var acknowledges = true
    /// It lets a station in and drops the connection at once.
    public var dropsAfterConsent = false
    /// It answers authentication with a text that is no JSON, and then as it should.
    public var isGarbled = false

    public init() {}
}
