internal import PollLoop

/// A call that was sent and waits for its reply. Whoever takes it out of the table settles it, once.
struct PendingReply {
    let deadline: LoopTimer
    /// Called on the loop.
    let finish: @Sendable (Result<[BusValue], BusError>) -> Void
}
