import Synchronization

/// A file that is given its name in a transaction, and loses it again when that is not committed.
final class FirmwarePlacement: Sendable {
    private let isPlaced = Mutex(false)
    private let give: @Sendable () throws -> Void
    private let take: @Sendable () -> Void

    init(placing give: @escaping @Sendable () throws -> Void, undoing take: @escaping @Sendable () -> Void) {
        self.give = give
        self.take = take
    }

    func place() throws {
        try self.give()
        self.isPlaced.withLock { $0 = true }
    }

    /// Takes the name away, if it was given.
    func undo() {
        if self.isPlaced.withLock({ $0 }) { self.take() }
    }
}
