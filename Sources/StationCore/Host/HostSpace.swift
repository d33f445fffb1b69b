/// Memory, or the file system of the data directory: how much there is, in bytes.
public struct HostSpace: Sendable, Hashable {
    public let total: Int64
    public let available: Int64

    public init(total: Int64, available: Int64) {
        self.total = total
        self.available = available
    }
}
