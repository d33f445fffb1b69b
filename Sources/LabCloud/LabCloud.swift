import NIOCore
public import StationCore
import StationSocket
import Synchronization

/// The other end of the cloud link, for labs and tests: takes claims, gives tokens, lets stations in, calls them,
/// acknowledges what they tell, and misbehaves on demand (contract 4).
///
///     try await LabCloud.run { lab in
///         … a station with CLOUD_HOST=ws://127.0.0.1:<lab.port> …
///         try await lab.claim("chip")
///         let reply = try await lab.call("devices.snapshot")
///     }
///
/// The same is to be had over HTTP on the same port, below `/lab`. It trusts whoever reaches it.
public final class LabCloud: Sendable {
    /// The listening socket.
    struct Listener {
        var channel: (any Channel)?
        var port: Int
        /// Whether connections are welcome: true from before the socket is there.
        var isOpen = false
    }

    public let host: String
    let options: LabOptions
    let clock: any StationClock
    let arrivals: AsyncStream<LabArrival>
    let arrivalInput: AsyncStream<LabArrival>.Continuation
    let absences: AsyncStream<LabAbsence>.Continuation
    let absenceOutput: AsyncStream<LabAbsence>
    let state: Mutex<LabState>
    let listener: Mutex<Listener>

    init(host: String, port: Int, options: LabOptions, clock: any StationClock) {
        self.host = host
        self.listener = Mutex(Listener(port: port))
        self.options = options
        self.clock = clock
        self.state = Mutex(LabState(options: options))
        (self.arrivals, self.arrivalInput) = AsyncStream.makeStream()
        (self.absenceOutput, self.absences) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(16))
    }

    /// Runs a lab cloud while `body` runs; then all connections are dropped.
    ///
    /// - Parameter port: 0 for any that is free.
    /// - Throws: `LabError.cannotListen`, and what `body` throws.
    public static func run<Result: Sendable>(
        host: String = "127.0.0.1", port: Int = 0, options: LabOptions = LabOptions(),
        clock: any StationClock = SystemStationClock(),
        isolation: isolated (any Actor)? = #isolation,
        _ body: (LabCloud) async throws -> Result
    ) async throws -> Result {
        let lab = LabCloud(host: host, port: port, options: options, clock: clock)
        try await lab.comeBack()
        // Not of this task's kin: when it is cancelled, `body` may still want to close all connections politely.
        let serving = Task { await lab.serve() }
        let leaving = Task { await lab.takeLeave() }
        do {
            let result = try await body(lab)
            await lab.end(serving, leaving)
            return result
        } catch {
            await lab.end(serving, leaving)
            throw error
        }
    }

    /// Ends everything and waits for that.
    private func end(_ serving: Task<Void, Never>, _ leaving: Task<Void, Never>) async {
        leaving.cancel()
        await leaving.value
        await self.leave()
        self.arrivalInput.finish()
        serving.cancel()
        await serving.value
    }

    // MARK: - What it knows

    /// The same after `comeBack()`.
    public var port: Int { self.listener.withLock { $0.port } }

    /// All stations that have ever been here, by chip id.
    public var stations: [LabStation] {
        self.state.withLock { $0.records.values.map(\.view) }.sorted { $0.chipID < $1.chipID }
    }

    /// What is known of one station; nil if it has never been here.
    public func station(_ chipID: String) -> LabStation? {
        self.state.withLock { $0.records[chipID]?.view }
    }

    /// What happened after an entry of the log, the oldest first.
    public func log(after number: Int = 0, of chipID: String? = nil, limit: Int = 1_000) -> [LabLogEntry] {
        self.state.withLock { $0.log.after(number, chipID: chipID, limit: limit) }
    }

    /// The messages that a station has sent, as far as the log reaches.
    public func messages(from chipID: String) -> [JSONValue] {
        self.log(of: chipID, limit: .max).filter { $0.event == .received }.map(\.message)
    }

    /// When stations have asked for a WebSocket.
    public var requestTimes: [MonotonicInstant] { self.state.withLock { $0.arrivals } }

    /// How many connections are open.
    public var openConnections: Int { self.state.withLock { $0.lines.count } }
}
