import Synchronization

/// Rings for everybody who listens: each has a bell of its own, and a slow listener misses repetitions, not the last ring.
public final class Bells<Element: Sendable>: Sendable {
    private struct State {
        var bells: [Int: AsyncStream<Element>.Continuation] = [:]
        var nextNumber = 0
    }

    private let state = Mutex(State())

    public init() {}

    /// What rings from now on, until the reading task is cancelled.
    ///
    /// - Parameter kept: So many rings wait for a listener; of more, the oldest are lost.
    public func listen(keeping kept: Int = 1) -> AsyncStream<Element> {
        let (rings, bell) = AsyncStream<Element>.makeStream(bufferingPolicy: .bufferingNewest(kept))
        let number = self.state.withLock { state in
            state.nextNumber += 1
            state.bells[state.nextNumber] = bell
            return state.nextNumber
        }
        bell.onTermination = { [weak self] _ in
            self?.state.withLock { $0.bells[number] = nil }
        }
        return rings
    }

    public func ring(_ element: Element) {
        let bells = self.state.withLock { Array($0.bells.values) }
        for bell in bells { bell.yield(element) }
    }
}

extension Bells where Element == Void {
    public func ring() { self.ring(()) }
}
