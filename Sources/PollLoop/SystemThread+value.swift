extension SystemThread {
    /// Does something that blocks on a thread of its own, and waits for what it gives without blocking anybody.
    ///
    /// - Parameters: As those of a thread that is to be joined.
    /// - Throws: `LoopError.system` when threads have run out; then `work` is not done.
    public static func value<Value: Sendable>(
        name: String, of work: @escaping @Sendable () -> Value
    ) async throws(LoopError) -> Value {
        let outcome = await withCheckedContinuation { (waiter: CheckedContinuation<Result<Value, LoopError>, Never>) in
            do throws(LoopError) {
                try Self.detach(name: name) { waiter.resume(returning: .success(work())) }
            } catch {
                waiter.resume(returning: .failure(error))
            }
        }
        return try outcome.get()
    }
}
