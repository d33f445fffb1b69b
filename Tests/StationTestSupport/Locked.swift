import Synchronization

/// A value that a test and the tasks it starts may all touch; a `Mutex` itself cannot be captured by a task's closure.
public final class Locked<Value: Sendable>: Sendable {
    private let state: Mutex<Value>

    public init(_ value: Value) {
        self.state = Mutex(value)
    }

    public var value: Value { self.state.withLock { $0 } }

    @discardableResult
    public func withLock<Result: Sendable>(_ body: (inout Value) -> Result) -> Result {
        self.state.withLock { value in
            var copy = value
            defer { value = copy }
            return body(&copy)
        }
    }
}
