import StationCore
import Synchronization

/// The one deadline of a session: starting it anew forgets the one before.
final class ImprovTimer: Sendable {
    private let clock: any StationClock
    private let inlet: AsyncStream<ImprovStateMachine.Event>.Continuation
    private let task = Mutex<Task<Void, Never>?>(nil)

    init(clock: any StationClock, inlet: AsyncStream<ImprovStateMachine.Event>.Continuation) {
        self.clock = clock
        self.inlet = inlet
    }

    func start(_ duration: Duration) {
        let clock = self.clock
        let inlet = self.inlet
        self.replace(
            with: Task {
                guard await clock.pause(for: duration), !Task.isCancelled else { return }
                inlet.yield(.deadline)
            })
    }

    func stop() {
        self.replace(with: nil)
    }

    private func replace(with task: Task<Void, Never>?) {
        let old = self.task.withLock { current in
            let old = current
            current = task
            return old
        }
        old?.cancel()
    }
}
