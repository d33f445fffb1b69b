/// How the outbox stands.
struct OutboxTally: Sendable, Hashable {
    var rows = 0
    var bytes = 0
    /// Whether the cloud has ever acknowledged anything.
    var cloudAcknowledges = false
}
