/// By which a row of the outbox is known.
struct OutboxEntry: Sendable, Hashable {
    let id: Int64
    let eventID: String
}
