extension StationClock {
    /// Does something within a time; the other is cancelled as soon as one of both is over.
    ///
    /// - Returns: What it gives; `nil` when its time was over first.
    /// - Throws: What it throws; `CancellationError` when the calling task is cancelled.
    public func limit<Result: Sendable>(
        to duration: Duration, _ operation: @escaping @Sendable () async throws -> Result
    ) async throws -> Result? {
        try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask { try await operation() }
            group.addTask {
                try await self.sleep(for: duration)
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }
}
