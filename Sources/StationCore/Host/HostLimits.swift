/// What bounds the questions that the host is asked.
public enum HostLimits {
    /// So many networks at most a scan tells.
    public static let networks = 64
    /// So long at most a network has to give an address (contract 2).
    public static let joinTime = Duration.seconds(30)
    /// So long at most the earlier connection has to come up again.
    public static let rollbackTime = Duration.seconds(15)
    /// So long at most a scan takes.
    public static let scanTime = Duration.seconds(15)
}
