public import StationSocket

/// Something bad that the lab cloud does to connections once, now.
public enum LabStrike: Sendable, Hashable {
    /// The transport ends without a Close.
    case drop
    /// A Close with this code.
    case close(SocketCloseCode)
    /// A text as it is: no JSON, half a request, anything.
    case text(String)
    /// Bytes where text belongs.
    case binary(Int)
    /// A text of so many bytes: a station takes 1 MiB at most (contract 4).
    case flood(Int)
}
