import DequeModule
import StationCore

/// A station in the lab's books: what is shown of it, and what is not.
struct StationRecord {
    /// So many event ids are remembered for telling a repetition: twice what a station's outbox holds (contract 4).
    private static let eventCapacity = 20_000

    var view: LabStation
    /// The session that is authenticated or waits.
    var session: Int?
    /// The secret of the handshake that waits.
    var offeredSecret: Secret?
    /// The secret of the last claim; it counts once.
    var spentSecret: Secret?
    /// What its owner has entered before it came: any secret where that is nil.
    var expectedClaim: ExpectedClaim?
    var token: Secret?
    /// Whether the token was ever used: until then the claim may have been lost on its way.
    var isTokenUsed = false
    /// Whether `pending_reset` is the answer to its next authentication.
    var isResetPending = false
    private var events: Set<String> = []
    private var eventOrder: Deque<String> = []

    init(chipID: String) {
        self.view = LabStation(chipID: chipID)
    }

    /// Remembers an event id; false when it has come before.
    mutating func remember(_ event: String) -> Bool {
        guard self.events.insert(event).inserted else { return false }
        self.eventOrder.append(event)
        if self.eventOrder.count > Self.eventCapacity { self.events.remove(self.eventOrder.removeFirst()) }
        return true
    }
}
