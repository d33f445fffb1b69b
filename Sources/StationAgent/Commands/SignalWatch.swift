import ServiceLifecycle
import UnixSignals

/// Lets a command end in good order at Ctrl-C or SIGTERM.
enum SignalWatch {
    /// Runs something, and cancels it at the first signal.
    static func run(_ body: @escaping @Sendable () async throws -> Void) async throws {
        let signals = await UnixSignalsSequence(trapping: [.sigint, .sigterm])
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await body()
                return true
            }
            group.addTask {
                for await _ in signals { return false }
                return false
            }
            let isDone = try await group.next() ?? true
            group.cancelAll()
            // After a signal the body still has to come to its end.
            if !isDone { while try await group.next() != nil {} }
        }
    }
}
