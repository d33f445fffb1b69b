/// What has become of a registered descriptor.
public struct DescriptorEvents: OptionSet, Sendable, Hashable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// Bytes (or the end of the stream) can be read.
    public static let readable = Self(rawValue: 1)
    /// Bytes can be written; for a connecting socket: the attempt has ended, well or not.
    public static let writable = Self(rawValue: 2)
    /// The peer has closed both directions, or the socket has an error; told whatever the interest was.
    public static let hungUp = Self(rawValue: 4)
    /// The loop ends. The registration is gone; this is the last call.
    public static let stopped = Self(rawValue: 8)
}
