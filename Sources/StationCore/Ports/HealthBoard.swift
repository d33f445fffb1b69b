import Synchronization

/// Where every part of the agent says how it is; `/api/health` reads it.
public final class HealthBoard: Sendable {
    /// The parts that health names (contract 7, "Observability").
    public enum Component: String, Sendable, Hashable, CaseIterable {
        case store, mqtt, cloud, ble, clock
    }

    public enum Status: String, Sendable, Hashable {
        case ok
        /// Works less well than it should, and recovers by itself.
        case degraded
        /// Does not work.
        case failed
        /// Not configured or not wanted: no fault.
        case off
    }

    public struct Check: Sendable, Hashable {
        public let status: Status
        /// What a person should know, and what to do about it.
        public let detail: String

        public init(status: Status, detail: String) {
            self.status = status
            self.detail = detail
        }
    }

    private struct State {
        var checks: [Component: Check]
        var watchers: [Int: AsyncStream<Component>.Continuation] = [:]
        var nextWatcher = 0
    }

    private let state: Mutex<State>

    /// Every component begins degraded, “starting”, until it reports.
    public init() {
        let starting = Check(status: .degraded, detail: "starting")
        self.state = Mutex(State(checks: Dictionary(uniqueKeysWithValues: Component.allCases.map { ($0, starting) })))
    }

    /// Notes how a part is. Returns true when its status (not only the wording) changed.
    @discardableResult
    public func report(_ component: Component, _ status: Status, _ detail: String) -> Bool {
        let watchers = self.state.withLock { state -> [AsyncStream<Component>.Continuation]? in
            let before = state.checks.updateValue(Check(status: status, detail: detail), forKey: component)
            return before?.status == status ? nil : Array(state.watchers.values)
        }
        for watcher in watchers ?? [] { watcher.yield(component) }
        return watchers != nil
    }

    /// The parts whose status changes from now on, until the reading task is cancelled. A slow reader misses repetitions,
    /// not the last word: the board itself tells how things are.
    public func changes() -> AsyncStream<Component> {
        let (changes, watcher) = AsyncStream<Component>.makeStream(bufferingPolicy: .bufferingNewest(16))
        let number = self.state.withLock { state in
            state.nextWatcher += 1
            state.watchers[state.nextWatcher] = watcher
            return state.nextWatcher
        }
        watcher.onTermination = { [weak self] _ in
            self?.state.withLock { $0.watchers[number] = nil }
        }
        return changes
    }

    public subscript(component: Component) -> Check? {
        self.state.withLock { $0.checks[component] }
    }

    /// Everything at one moment, in the order of `Component`.
    public var all: [(component: Component, check: Check)] {
        let checks = self.state.withLock { $0.checks }
        return Component.allCases.compactMap { component in checks[component].map { (component, $0) } }
    }

    /// `ok` when everything that is wanted works.
    public var isOK: Bool {
        self.all.allSatisfy { $0.check.status == .ok || $0.check.status == .off }
    }
}
