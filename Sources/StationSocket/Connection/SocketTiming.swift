/// How patient one end of a WebSocket is.
public struct SocketTiming: Sendable, Hashable {
    /// Between two pings. Silence over two of these ends the connection with the third. nil leaves pings and silence to
    /// the connection's owner (`SocketConnection.ping`).
    public var heartbeat: Duration?
    /// How long the peer may take to answer our Close, and a client waits for the server to close the transport.
    public var closing: Duration
    /// How long a peer that broke the protocol is still listened to without being understood: closing a TCP connection
    /// with bytes unread resets it, and the Close that says what was wrong could be lost.
    public var lingering: Duration

    public init(
        heartbeat: Duration? = .seconds(30), closing: Duration = .seconds(5), lingering: Duration = .milliseconds(200)
    ) {
        self.heartbeat = heartbeat
        self.closing = closing
        self.lingering = lingering
    }
}
