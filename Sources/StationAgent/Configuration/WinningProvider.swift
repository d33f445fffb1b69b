import Configuration
import Synchronization

/// Notes which of a reader's providers had the value that was asked for last.
final class WinningProvider: AccessReporter {
    private let winner = Mutex<Int?>(nil)

    /// Counted from 0 in order of precedence; nil if none had it.
    var index: Int? { self.winner.withLock { $0 } }

    func report(_ event: AccessEvent) {
        let index = event.providerResults.firstIndex { result in
            if case .success(let found) = result.result { found.value != nil } else { false }
        }
        self.winner.withLock { $0 = index }
    }
}
