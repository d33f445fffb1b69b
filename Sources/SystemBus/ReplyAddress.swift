/// Where the reply to a request goes.
struct ReplyAddress {
    /// The unique name of who asked.
    let peer: String
    /// The number of the request.
    let serial: UInt32
    /// Whether the caller wants one at all.
    let isWanted: Bool
}
