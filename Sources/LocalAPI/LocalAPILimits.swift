/// What one peer, and all peers together, may ask of the server (contract 7, "Limits that keep it alive").
public struct LocalAPILimits: Sendable, Hashable {
    /// Open connections in all; further ones wait in the kernel's queue.
    public var connections = 512
    /// All header fields of one request together, in bytes.
    public var headerSize = 16 * 1024
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
    /// How long a stop waits for requests under way.
    public var stopTime: Duration = .seconds(5)

    public init() {}
}
