import StationCore
import SystemBus

/// Calls to BlueZ over one connection. Each has a deadline of ours, on our clock: a reply may never come.
struct BlueZCalls: Sendable {
    /// How much longer the bus waits than we do; only for the case that our clock stands still.
    private static let grace: Duration = .seconds(5)

    let bus: BusConnection
    let clock: any StationClock

    /// Calls a method of an object.
    ///
    /// - Throws: `BlueZError`; `.timedOut` names the call and the limit.
    @discardableResult
    func call(
        _ member: String, of interface: String, at path: String, _ arguments: [BusValue] = [],
        within limit: Duration = .seconds(10)
    ) async throws(BlueZError) -> [BusValue] {
        let call = BusCall(
            BlueZName.service, path: path, interface: interface, member: member, arguments: arguments,
            startsService: false
        )
        return try await self.limited(member, to: limit) { [bus] () async throws(BusError) in
            try await bus.call(call, timeout: limit + Self.grace)
        }
    }

    /// Sets a property of an object.
    ///
    /// - Throws: `BlueZError`.
    func set(
        _ name: String, of interface: String, at path: String, to value: BusValue, within limit: Duration = .seconds(10)
    ) async throws(BlueZError) {
        try await self.limited("setting \(name)", to: limit) { [bus] () async throws(BusError) in
            try await bus.setProperty(
                name, of: interface, service: BlueZName.service, path: path, to: value, timeout: limit + Self.grace
            )
        }
    }

    /// All that BlueZ has.
    ///
    /// - Throws: `BlueZError`.
    func managedObjects(within limit: Duration) async throws(BlueZError) -> BusObjects {
        try await self.limited("GetManagedObjects", to: limit) { [bus] () async throws(BusError) in
            try await bus.managedObjects(
                service: BlueZName.service, path: "/", startsService: false, timeout: limit + Self.grace
            )
        }
    }

    /// Asks systemd to restart a unit; polkit may refuse that.
    ///
    /// - Throws: `BlueZError`.
    func restartUnit(_ unit: String) async throws(BlueZError) {
        let limit: Duration = .seconds(20)
        let call = BusCall(
            "org.freedesktop.systemd1", path: "/org/freedesktop/systemd1",
            interface: "org.freedesktop.systemd1.Manager", member: "RestartUnit",
            arguments: [.string(unit), .string("replace")]
        )
        _ = try await self.limited("RestartUnit", to: limit) { [bus] () async throws(BusError) in
            try await bus.call(call, timeout: limit + Self.grace)
        }
    }

    private func limited<Result: Sendable>(
        _ what: String, to limit: Duration, _ body: @escaping @Sendable () async throws(BusError) -> Result
    ) async throws(BlueZError) -> Result {
        let outcome = try? await self.clock.limit(to: limit) { await Self.outcome(of: body) }
        guard let outcome = outcome ?? nil else {
            if Task.isCancelled { throw BlueZError(.cancelled, "\(what) was cancelled") }
            throw BlueZError(.timedOut, "\(what) was not answered within \(limit)")
        }
        return try outcome.get()
    }

    private static func outcome<Result: Sendable>(
        of body: @Sendable () async throws(BusError) -> Result
    ) async -> Swift.Result<Result, BlueZError> {
        do throws(BusError) {
            return .success(try await body())
        } catch {
            return .failure(BlueZError(error))
        }
    }
}
