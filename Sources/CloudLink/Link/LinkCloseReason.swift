/// Why we close a connection.
public enum LinkCloseReason: Sendable, Hashable {
    /// It is opened again with other credentials, or the cloud has refused them.
    case done
    /// The agent stops.
    case leaving
    /// The cloud said something that makes no sense.
    case nonsense
}
