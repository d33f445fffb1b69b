public import NIOCore

/// A whole message, its fragments put together.
public enum SocketMessage: Sendable, Hashable {
    case text(String)
    case binary(ByteBuffer)
}
