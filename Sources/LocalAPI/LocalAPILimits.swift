/// What one peer, and all peers together, may ask of the server (contract 7, "Limits that keep it alive").
public struct LocalAPILimits: Sendable, Hashable {
    /// Open connections in all; further ones are refused.
    public var connections = 512
    /// Of these so many are for programs on the station only: health and the owner get in while a guest floods.
    public var connectionsKeptForLoopback = 64
    /// Open connections of one address, or of one IPv6 network elsewhere; the station's own programs have no such limit.
    public var connectionsPerPeer = 32
    /// All header fields of one request together, in bytes.
    public var headerSize = 16 * 1024
    /// Header fields of one request.
    public var headerCount = 128
    /// In bytes.
    public var bodySize = 1024 * 1024
    /// From the first byte of a request, or from the connection's opening, to the end of its head.
    public var headTime: Duration = .seconds(10)
    /// From the head of a request to the end of its body.
    public var bodyTime: Duration = .seconds(30)
    /// The same for the image of an upload: 16 MiB at 1 Mbit/s take more than two minutes.
    public var imageTime: Duration = .seconds(300)
    /// Between two requests of a connection.
    public var idleTime: Duration = .seconds(60)
    /// For the next part of an answer to be taken by a peer that is slow in reading.
    public var writeTime: Duration = .seconds(60)
    /// For the peer's machine to acknowledge what it was sent.
    public var acknowledgementTime: Duration = .seconds(30)
    /// How long a stop waits for requests under way.
    public var stopTime: Duration = .seconds(5)

    public init() {}
}
