/// Which end of a WebSocket somebody is. It decides who masks and who closes the transport (RFC 6455, 5.1 and 7.1.1).
public enum SocketRole: Sendable, Hashable {
    case client
    case server

    var peer: SocketRole { self == .client ? .server : .client }
}
