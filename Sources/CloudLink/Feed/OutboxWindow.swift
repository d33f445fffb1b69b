import DequeModule
import StationCore

/// The rows of the outbox that one link has begun to tell, and which of them the cloud has (contract 4, "Slow or absent
/// cloud").
struct OutboxWindow {
    private struct Entry {
        let row: Int64
        let eventID: String
        let since: MonotonicInstant
    }

    /// In their order; those that are done with are taken out when they come to the front.
    private var entries: Deque<Entry> = []
    private var open: Set<String> = []
    private var pings: Deque<(number: Int, row: Int64)> = []
    /// The last row that was read from the outbox.
    private(set) var lastRead: Int64 = 0
    /// The last row that the socket has taken.
    private var lastWritten: Int64 = 0

    /// Since when the oldest of those that the cloud has not been found to have is waiting on this link.
    var oldestSince: MonotonicInstant? { self.entries.first?.since }

    mutating func read(_ row: OutboxEntry, at now: MonotonicInstant) {
        self.lastRead = max(self.lastRead, row.id)
        self.open.insert(row.eventID)
        self.entries.append(Entry(row: row.id, eventID: row.eventID, since: now))
    }

    /// The socket has taken a row.
    mutating func written(_ row: Int64) {
        self.lastWritten = max(self.lastWritten, row)
    }

    /// A ping was sent: whoever answers it has everything that was written before.
    mutating func pingSent(_ number: Int) {
        self.pings.append((number, self.lastWritten))
    }

    /// A ping was answered.
    ///
    /// - Returns: The last row that was written before it; `nil` when that is known already.
    mutating func pongReceived(_ number: Int) -> Int64? {
        var row: Int64?
        while let ping = self.pings.first, ping.number <= number {
            row = ping.row
            self.pings.removeFirst()
        }
        return row.flatMap { $0 > 0 ? $0 : nil }
    }

    /// All rows up to this are done with.
    mutating func settle(through row: Int64) {
        while let entry = self.entries.first, entry.row <= row {
            self.open.remove(entry.eventID)
            self.entries.removeFirst()
        }
    }

    /// These rows are done with.
    mutating func settle(_ eventIDs: some Sequence<String>) {
        for eventID in eventIDs { self.open.remove(eventID) }
        while let entry = self.entries.first, !self.open.contains(entry.eventID) { self.entries.removeFirst() }
    }
}
