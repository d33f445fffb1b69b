public import StationCore

/// A command as a virtual device got it.
public struct ReceivedCommand: Sendable, Hashable {
    public let action: String
    /// The payload, `action` included, with a Wi-Fi password or token masked.
    public let body: JSONObject
    public let receivedAt: MonotonicInstant
}
