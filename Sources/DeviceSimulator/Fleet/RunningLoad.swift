import StationCore

/// A load under way on one shard.
struct RunningLoad {
    let plan: LoadPlan
    let payloads: [VirtualDeviceType: LoadPayloads]
    var pacer: LoadPacer
    /// Whose turn is next.
    var cursor = 0
    var skipped = 0
    /// Set once no more is to be sent: when the load ended.
    var endedAt: MonotonicInstant?
    /// Until when acknowledgements are waited for.
    var drainUntil: MonotonicInstant?

    init(plan: LoadPlan, types: Set<VirtualDeviceType>, pacer: LoadPacer, seed: UInt64) {
        self.plan = plan
        self.pacer = pacer
        self.payloads = Dictionary(
            uniqueKeysWithValues: types.map {
                ($0, LoadPayloads(type: $0, sequenceKey: plan.sequenceKey, seed: seed))
            })
    }

    var isMessageLimitReached: Bool {
        self.plan.messageLimit.map { self.pacer.sent >= $0 } ?? false
    }

    func snapshot(at now: MonotonicInstant) -> FleetSnapshot.Load {
        let end = self.endedAt ?? now
        var snapshot = FleetSnapshot.Load()
        snapshot.sent = self.pacer.sent
        snapshot.planned = self.pacer.planned(at: end)
        snapshot.skipped = self.skipped
        snapshot.elapsed = max(.zero, self.pacer.startedAt.duration(to: end))
        snapshot.isFinished = self.endedAt != nil
        return snapshot
    }
}
