import Logging
import Synchronization

/// One probe's answers, from beat to beat.
final class ProbeRound: Sendable {
    private struct State {
        var question: Task<Void, Never>?
        var hasAnswered = false
        var hasFailed = false
    }

    private let probe: WatchdogProbe
    private let logger: Logger
    private let state = Mutex(State())

    init(probe: WatchdogProbe, logger: Logger) {
        self.probe = probe
        self.logger = logger
    }

    var name: String { self.probe.name }

    /// Whether an answer came since `forget`.
    var hasAnswered: Bool { self.state.withLock { $0.hasAnswered } }

    func forget() {
        self.state.withLock { $0.hasAnswered = false }
    }

    /// Asks, unless the last question is still open.
    ///
    /// The question is a task of its own and no child: a group would wait at its end for a probe that hangs.
    func ask() {
        self.state.withLock { state in
            guard state.question == nil else { return }
            state.question = Task {
                do {
                    try await self.probe.ask()
                    self.note(answered: true, nil)
                } catch {
                    // Given up by us: that says nothing about the part.
                    self.note(answered: false, Task.isCancelled ? nil : error)
                }
            }
        }
    }

    /// Gives up the open question.
    func abandon() {
        self.state.withLock { $0.question?.cancel() }
    }

    private func note(answered: Bool, _ error: (any Error)?) {
        let isNews = self.state.withLock { state in
            state.question = nil
            if answered { state.hasAnswered = true }
            defer { state.hasFailed = !answered }
            return !answered && !state.hasFailed
        }
        if isNews, let error {
            self.logger.warning(
                "a part of the agent does not answer",
                metadata: ["part": "\(self.name)", "error": "\(error)"])
        }
    }
}
