import StationCore

/// When the messages of a load are due: message *k* at start + *k* ÷ rate, whatever happened before. Being late changes
/// nothing about the plan, so the rate is exact in the long run.
struct LoadPacer: Sendable {
    /// Messages a second.
    let rate: Double
    let limit: Int
    let startedAt: MonotonicInstant
    private(set) var sent = 0

    init(rate: Double, limit: Int?, startedAt: MonotonicInstant) {
        self.rate = rate
        self.limit = limit ?? .max
        self.startedAt = startedAt
    }

    /// As a plan says; with a duration there are rate × duration messages, neither more nor less.
    init(_ plan: LoadPlan, duration: Duration?, startedAt: MonotonicInstant) {
        let within = duration.map { Int(min(($0.seconds * plan.rate).rounded(.up), 1e15)) }
        let limits = [plan.messageLimit, within].compactMap { $0 }
        self.init(rate: plan.rate, limit: limits.min(), startedAt: startedAt)
    }

    /// How many should have been sent by now.
    func planned(at now: MonotonicInstant) -> Int {
        let elapsed = self.startedAt.duration(to: now).seconds
        guard elapsed >= 0 else { return 0 }
        return min(self.limit, Int(min(elapsed * self.rate, 1e15)) + 1)
    }

    /// How many are to be sent now.
    func due(at now: MonotonicInstant) -> Int {
        max(0, self.planned(at: now) - self.sent)
    }

    mutating func count(_ messages: Int) {
        self.sent += messages
    }

    var isFinished: Bool { self.sent >= self.limit }

    /// When the next one is due, maybe in the past; `nil` when there is none.
    var nextDue: MonotonicInstant? {
        guard !self.isFinished else { return nil }
        return self.startedAt.advanced(by: .seconds(Double(self.sent) / self.rate))
    }
}
