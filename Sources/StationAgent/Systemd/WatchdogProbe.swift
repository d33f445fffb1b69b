/// A part of the agent that must answer for the watchdog to be fed: the event loop, the store, the bridge.
struct WatchdogProbe: Sendable {
    let name: String
    /// Returns once the part has answered, and throws if it cannot; may hang if the part does.
    let ask: @Sendable () async throws -> Void

    init(_ name: String, ask: @escaping @Sendable () async throws -> Void) {
        self.name = name
        self.ask = ask
    }
}
