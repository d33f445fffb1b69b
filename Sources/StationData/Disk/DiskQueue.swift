import Dispatch

/// Where work is done that waits for the disk for long, so that nobody else waits with it.
public final class DiskQueue: Sendable {
    private let queue: DispatchQueue

    public init(label: String) {
        self.queue = DispatchQueue(label: label, qos: .utility)
    }

    /// Runs something that blocks, after what came before.
    public func perform<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            self.queue.async { continuation.resume(with: Swift.Result { try body() }) }
        }
    }
}
