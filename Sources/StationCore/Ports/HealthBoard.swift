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

    private let checks: Mutex<[Component: Check]>
    private let bells = Bells<Component>()

    /// Every component begins degraded, “starting”, until it reports.
    public init() {
        let starting = Check(status: .degraded, detail: "starting")
        self.checks = Mutex(Dictionary(uniqueKeysWithValues: Component.allCases.map { ($0, starting) }))
    }

    /// Notes how a part is. Returns true when its status (not only the wording) changed.
    @discardableResult
    public func report(_ component: Component, _ status: Status, _ detail: String) -> Bool {
        let before = self.checks.withLock { checks in
            checks.updateValue(Check(status: status, detail: detail), forKey: component)
        }
        guard before?.status != status else { return false }
        self.bells.ring(component)
        return true
    }

    /// The parts whose status changes from now on, until the reading task is cancelled. A slow reader misses repetitions,
    /// not the last word: the board itself tells how things are.
    public func changes() -> AsyncStream<Component> {
        self.bells.listen(keeping: 16)
    }

    public subscript(component: Component) -> Check? {
        self.checks.withLock { $0[component] }
    }

    /// Everything at one moment, in the order of `Component`.
    public var all: [(component: Component, check: Check)] {
        let checks = self.checks.withLock { $0 }
        return Component.allCases.compactMap { component in checks[component].map { (component, $0) } }
    }

    /// `ok` when everything that is wanted works.
    public var isOK: Bool {
        self.all.allSatisfy { $0.check.status == .ok || $0.check.status == .off }
    }
}
