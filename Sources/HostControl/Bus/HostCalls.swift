import StationCore
import SystemBus

/// Calls to services of the host. Each has a deadline of ours, on our clock: a reply may never come.
struct HostCalls: Sendable {
    static let usualLimit: Duration = .seconds(10)
    /// How much longer the bus waits than we do; only for the case that our clock stands still.
    private static let grace: Duration = .seconds(5)

    /// The connection to use; another one after it was lost.
    let connection: @Sendable () async throws(BusError) -> BusConnection
    let clock: any StationClock

    init(bus: HostBus, clock: any StationClock) {
        self.connection = { () async throws(BusError) in try await bus.connection() }
        self.clock = clock
    }

    /// Over one connection, for what lives only as long as that.
    init(over connection: BusConnection, clock: any StationClock) {
        self.connection = { connection }
        self.clock = clock
    }

    /// Calls a method.
    ///
    /// - Throws: `BusError`; `.timedOut` names the call and the limit.
    @discardableResult
    func call(_ call: BusCall, within limit: Duration = usualLimit) async throws(BusError) -> [BusValue] {
        let outcome = try? await self.clock.limit(to: limit) { [connection] in
            await Self.outcome { () async throws(BusError) in
                try await connection().call(call, timeout: limit + Self.grace)
            }
        }
        guard let outcome = outcome ?? nil else {
            if Task.isCancelled { throw .cancelled }
            throw .timedOut(what: "no reply from \(call) within \(limit)")
        }
        return try outcome.get()
    }

    /// All properties of an object's interface, out of their variants.
    ///
    /// - Throws: `BusError`.
    func properties(
        of interface: String, at path: String, service: String, startsService: Bool = false,
        within limit: Duration = usualLimit
    ) async throws(BusError) -> [String: BusValue] {
        let call = BusCall(
            service, path: path, interface: "org.freedesktop.DBus.Properties", member: "GetAll",
            arguments: [.string(interface)], startsService: startsService)
        return try await self.call(call, within: limit).first?.properties ?? [:]
    }

    private static func outcome<Success: Sendable>(
        of body: @Sendable () async throws(BusError) -> Success
    ) async -> Result<Success, BusError> {
        do throws(BusError) {
            return .success(try await body())
        } catch {
            return .failure(error)
        }
    }
}
