public import NIOCore

/// What happened on a WebSocket.
public enum SocketEvent: Sendable, Hashable {
    case message(SocketMessage)
    /// It is answered already.
    case ping(ByteBuffer)
    case pong(ByteBuffer)
    /// The last event of every connection, and it comes once.
    case closed(SocketEnding)
}
