/// What this side of a bus bears. BlueZ stays far below.
enum BusLimits {
    /// The largest message, either way; that of a system bus. A larger one ends the connection.
    static let messageBytes = 32 << 20
    /// So many bytes wait at most for the bus to take them.
    static let outgoingBytes = 64 << 20
    /// Containers within containers (D-Bus specification: 32 arrays, 32 structures, 64 together with variants).
    static let depth = 32
    /// Descriptors in one message; libdbus closes those of a message that has more.
    static let descriptors = 16
    /// So many messages are handled before other descriptors, jobs and timers of the loop get their turn.
    static let messagesPerTurn = 256
    /// So many requests to exported objects are answered at the same time.
    static let requestsInWork = 64
}
