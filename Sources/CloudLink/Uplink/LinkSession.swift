/// Who serves the cloud on one connection, from `auth_ok` to the end of the connection.
public protocol LinkSession: Sendable {
    /// Takes a text frame. It returns soon: nothing else is read meanwhile, not even the answer to a ping.
    func receive(_ text: String) async

    /// What is to be sent, in this order.
    var outgoing: AsyncStream<String> { get }
    /// The oldest text of `outgoing` that was not yet told is in the hands of the socket.
    func sent() async

    /// A ping with this number goes out next, behind all that was `sent`.
    func pingSent(_ number: Int) async
    /// The cloud has answered it, so it has read what went before.
    func pongReceived(_ number: Int) async

    /// How long the oldest message has waited on this connection for the cloud to take it; nil when none does.
    var oldestUnacknowledgedAge: Duration? { get }

    /// The connection is gone.
    func end() async
}
