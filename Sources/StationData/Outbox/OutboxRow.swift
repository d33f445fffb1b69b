public import StationCore

/// Something that waits for the cloud to take it (contract 4, "Slow or absent cloud").
public struct OutboxRow: Sendable, Hashable {
    /// What the cloud is to do with it.
    public enum Kind: Sendable, Hashable {
        /// To take note of it: a notification of this channel.
        case notification(CloudChannel)
        /// To answer it: a call whose id is the row's `eventID`.
        case request
    }

    /// Grows with every row; the order in which they are told.
    public let id: Int64
    /// By which the cloud knows it, and knows it again when it is told twice.
    public let eventID: String
    public let kind: Kind
    public let method: String
    public let params: JSONObject
    public let createdAt: Timestamp
}
