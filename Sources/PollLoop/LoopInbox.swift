/// What other threads hand to the loop, and what the loop is doing meanwhile. Guarded by the loop's lock.
struct LoopInbox {
    enum Work {
        case job(UnownedJob)
        case closure(@Sendable () -> Void)
    }

    /// What the one who added work must do.
    enum Consequence {
        case nothing
        case wake
        case startDrain
    }

    private enum Phase {
        case running
        /// The thread has ended; work runs on a passing thread, of which there is at most one.
        case ended(isDraining: Bool)
    }

    private var phase = Phase.running
    // Not bounded here: each job belongs to a task that waits for it.
    private var work: [Work] = []
    var isStopRequested = false
    /// Whether the loop looks into the inbox before it sleeps again.
    var isAwake = true

    mutating func add(_ item: Work) -> Consequence {
        self.work.append(item)
        switch self.phase {
        case .running:
            guard !self.isAwake else { return .nothing }
            self.isAwake = true
            return .wake
        case .ended(let isDraining):
            guard !isDraining else { return .nothing }
            self.phase = .ended(isDraining: true)
            return .startDrain
        }
    }

    /// Moves the work to `batch`, which must be empty; tells whether the loop is to stop.
    mutating func take(into batch: inout [Work]) -> Bool {
        swap(&self.work, &batch)
        return self.isStopRequested
    }

    /// Whether the loop may sleep; from then on whoever adds work must wake it.
    mutating func mayPause() -> Bool {
        guard self.work.isEmpty, !self.isStopRequested else { return false }
        self.isAwake = false
        return true
    }

    /// Moves the work to `batch`; false when there is none, and then the loop has ended.
    mutating func takeOrEnd(into batch: inout [Work]) -> Bool {
        guard !self.work.isEmpty else {
            self.phase = .ended(isDraining: false)
            return false
        }
        swap(&self.work, &batch)
        return true
    }

    /// As `takeOrEnd`, for the passing thread.
    mutating func takeAfterEnd(into batch: inout [Work]) -> Bool {
        self.takeOrEnd(into: &batch)
    }
}
