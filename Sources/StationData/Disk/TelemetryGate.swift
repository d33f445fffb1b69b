import StationCore

/// Whether readings and events are written, or wait in memory because the disk has no room or takes nothing: they stop
/// first, so that what must be committed goes on for as long as it can (contract 7).
struct TelemetryGate: Sendable {
    enum Cause: Sendable, Hashable {
        /// What room is left is for what must be committed.
        case lowOnSpace(FreeSpace)
        /// A write failed.
        case disk(DiskFault)
    }

    struct Closure: Sendable, Hashable {
        var cause: Cause
        let since: Timestamp
        /// When a flush is to try whether the disk takes something again.
        var nextTry: MonotonicInstant
    }

    /// So long after a write that failed the next one is tried.
    static let tryPeriod = Duration.seconds(10)

    /// `nil` while everything is written.
    private(set) var closure: Closure?

    /// Whether a flush may try to write.
    func allowsFlush(at now: MonotonicInstant) -> Bool {
        switch self.closure?.cause {
        case nil: true
        case .lowOnSpace?: false
        case .disk?: self.closure.map { $0.nextTry <= now } ?? true
        }
    }

    /// Judges the free room; between shut and open again lies half of the reserve.
    mutating func look(at space: FreeSpace, now: MonotonicInstant, time: Timestamp) {
        if space.freeBytes < space.reservedBytes {
            self.close(.lowOnSpace(space), now: now, time: time)
        } else if case .lowOnSpace? = self.closure?.cause,
            space.freeBytes >= space.reservedBytes + space.reservedBytes / 2
        {
            self.closure = nil
        }
    }

    /// A write found the disk full or not willing.
    mutating func failed(_ fault: DiskFault, now: MonotonicInstant, time: Timestamp) {
        guard fault.leavesStoreReadable else { return }
        if case .lowOnSpace? = self.closure?.cause { return }
        self.close(.disk(fault), now: now, time: time)
    }

    /// Telemetry was written. That a last flush goes into the reserve gives it no room.
    mutating func flushed() {
        if case .disk? = self.closure?.cause { self.closure = nil }
    }

    private mutating func close(_ cause: Cause, now: MonotonicInstant, time: Timestamp) {
        self.closure = Closure(
            cause: cause, since: self.closure?.since ?? time, nextTry: now.advanced(by: Self.tryPeriod))
    }
}

extension TelemetryGate.Closure {
    /// For health and the log.
    var description: String {
        let why =
            switch self.cause {
            case .lowOnSpace(let space): "disk full (\(space))"
            case .disk(.full): "disk full"
            case .disk: "the disk takes no writes"
            }
        return "\(why): readings are not kept since \(self.since)"
    }
}
