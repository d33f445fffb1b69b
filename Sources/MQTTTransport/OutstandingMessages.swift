internal import DequeModule

/// The messages that are on their way: who waits for which, and until when.
struct OutstandingMessages {
    typealias Waiter = CheckedContinuation<Result<Void, MQTTError>, Never>

    /// One message. The library uses its ids again, so a serial number makes it unique.
    struct Ticket: Sendable, Hashable {
        let messageID: Int32
        fileprivate let serial: UInt64
    }

    private struct Entry {
        let serial: UInt64
        var waiter: Waiter?
    }

    private var entries: [Int32: Entry] = [:]
    /// In order of deadline; acknowledged ones are dropped once they are first.
    private var deadlines = Deque<(ticket: Ticket, deadline: UInt64)>()
    private var lastSerial: UInt64 = 0

    var count: Int { self.entries.count }
    var isEmpty: Bool { self.entries.isEmpty }

    /// The deadline of the oldest message.
    var firstDeadline: UInt64? { self.deadlines.first?.deadline }

    mutating func add(_ messageID: Int32, deadline: UInt64) -> Ticket {
        self.lastSerial += 1
        let ticket = Ticket(messageID: messageID, serial: self.lastSerial)
        self.entries[messageID] = Entry(serial: ticket.serial)
        self.deadlines.append((ticket, deadline))
        return ticket
    }

    /// Has `waiter` hear of the message; false when it is not on its way any more.
    mutating func setWaiter(_ waiter: Waiter, for ticket: Ticket) -> Bool {
        guard self.contains(ticket) else { return false }
        self.entries[ticket.messageID]?.waiter = waiter
        return true
    }

    /// The message has arrived; the one to tell.
    mutating func acknowledge(_ messageID: Int32) -> Waiter? {
        let entry = self.entries.removeValue(forKey: messageID)
        while let first = self.deadlines.first, !self.contains(first.ticket) {
            self.deadlines.removeFirst()
        }
        return entry?.waiter
    }

    /// The waiter goes; the message stays on its way.
    mutating func takeWaiter(of ticket: Ticket) -> Waiter? {
        guard self.contains(ticket) else { return nil }
        defer { self.entries[ticket.messageID]?.waiter = nil }
        return self.entries[ticket.messageID]?.waiter
    }

    /// Forgets everything; those to tell.
    mutating func removeAll() -> [Waiter] {
        defer { self = OutstandingMessages() }
        return self.entries.values.compactMap(\.waiter)
    }

    private func contains(_ ticket: Ticket) -> Bool {
        self.entries[ticket.messageID]?.serial == ticket.serial
    }
}
