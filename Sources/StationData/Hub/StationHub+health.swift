import Logging
import StationCore
import Synchronization

/// What is said of the store: it works, it ails (full, replaced, without a backup), or it does not work.
extension StationHub {
    /// Whether the store takes what must be committed, as far as is known.
    public var isStoreUsable: Bool {
        self.health[.store]?.status != .failed
    }

    /// Asks the store a question through its writer: the watchdog's probe.
    ///
    /// - Throws: `StoreError.unavailable`, `.disk`.
    public func probeStore() async throws(StoreError) {
        _ = try await self.database.dataVersion()
    }

    /// Notes something that ails the store though it works, or that it is over.
    public func note(_ concern: StoreConcern, _ detail: String?) {
        let isNews = self.upkeep.withLock { state in
            defer { state.concerns[concern] = detail }
            return state.concerns[concern] != detail
        }
        // Of a store that does not work at all, the next access tells.
        if isNews, self.isStoreUsable { self.reportWorking() }
    }

    /// Notes how the writing of something that must be committed went.
    func noteWrite(_ error: StoreError?) {
        // Who was given up meanwhile has not seen the store fail.
        guard error == nil || !Task.isCancelled else { return }
        let isDisk = error?.diskFault?.leavesStoreReadable == true
        self.upkeep.withLock { state in
            state.hasWriteFailed = error != nil
            state.concerns[.writes] = isDisk ? error?.description : nil
        }
        self.noteStore(error)
    }

    /// Notes that the store could be read: that does not outweigh a write that failed and has not succeeded since,
    /// unless it is known why.
    func noteReadable() {
        let isTold = self.upkeep.withLock { !$0.hasWriteFailed || $0.concerns[.writes] != nil }
        if isTold { self.noteStore(nil) }
    }

    /// Notes how an access to the store went.
    func noteStore(_ error: StoreError?) {
        guard let error else { return self.reportWorking() }
        guard !Task.isCancelled else { return }
        if let fault = error.diskFault, fault.leavesStoreReadable {
            self.changeGate(because: error.description) { gate in
                gate.failed(fault, now: self.clock.now, time: self.clock.wallTime)
            }
            self.reportWorking()
        } else if self.health.report(.store, .failed, error.description) {
            self.logger.error("the store does not work", metadata: ["error": "\(error)"])
        }
    }

    /// Opens or shuts the way of telemetry to the disk, and says so.
    ///
    /// - Returns: Whether it is shut now and was not before.
    @discardableResult
    func changeGate(because detail: String? = nil, _ change: (inout TelemetryGate) -> Void) -> Bool {
        let (before, after) = self.upkeep.withLock { state in
            let before = state.gate.closure
            change(&state.gate)
            return (before, state.gate.closure)
        }
        if before == nil, let after {
            var metadata: Logger.Metadata = ["why": "\(after.description)"]
            metadata["error"] = detail.map { "\($0)" }
            self.logger.error(
                "readings and events are not written any more; the newest are kept in memory", metadata: metadata)
        } else if let before, after == nil {
            self.logger.notice("readings and events are written again", metadata: ["since": "\(before.since)"])
        }
        if before != after, self.isStoreUsable { self.reportWorking() }
        return before == nil && after != nil
    }

    /// Whether readings and events wait in memory because the disk is full or takes nothing.
    public var isTelemetryPaused: Bool {
        self.upkeep.withLock { $0.gate.closure != nil }
    }

    private func reportWorking() {
        let concerns = self.upkeep.withLock { state in
            [state.gate.closure?.description].compactMap(\.self)
                + StoreConcern.allCases.compactMap { state.concerns[$0] }
        }
        let hadFailed = self.health[.store]?.status == .failed
        if concerns.isEmpty {
            self.health.report(.store, .ok, "reads and writes")
        } else {
            self.health.report(.store, .degraded, concerns.joined(separator: "; "))
        }
        if hadFailed { self.logger.notice("the store works again") }
    }
}
