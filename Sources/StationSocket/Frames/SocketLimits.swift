public import StationCore

/// What one peer may send. Whatever goes beyond is refused before it is read.
public struct SocketLimits: Sendable, Hashable {
    /// The payload of one frame, in bytes.
    public var frameSize: Int
    /// The payload of all fragments of one message together, in bytes.
    public var messageSize: Int
    /// The fragments of one message; an empty fragment costs something too.
    public var fragments: Int
    /// Pings and pongs; each ping costs an answer.
    public var controlFrames: TokenBucket.Limit

    public init(
        frameSize: Int = 64 * 1024,
        messageSize: Int = 64 * 1024,
        fragments: Int = 256,
        controlFrames: TokenBucket.Limit = TokenBucket.Limit(perSecond: 10, burst: 100)
    ) {
        self.frameSize = frameSize
        self.messageSize = messageSize
        self.fragments = fragments
        self.controlFrames = controlFrames
    }
}
