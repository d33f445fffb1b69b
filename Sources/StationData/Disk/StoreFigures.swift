/// How much room the store takes and has, for `/metrics`.
public struct StoreFigures: Sendable, Hashable {
    /// Of the database file.
    public let storeBytes: Int
    /// Of its write-ahead log.
    public let logBytes: Int
    /// `nil` when the file system does not say.
    public let space: FreeSpace?
    /// Whether readings and events wait in memory for want of room.
    public let isTelemetryPaused: Bool
}
