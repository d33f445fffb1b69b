import PollLoop
import StationTestSupport
import Synchronization
import SystemBus

/// Runs `body` with a bus and a loop of its own; both are gone afterwards.
func withBus<Result>(
    limits: [String: Int] = [:], isolation: isolated (any Actor)? = #isolation,
    _ body: (PrivateBus, LoopThread) async throws -> Result
) async throws -> Result {
    try await PrivateBus.run(limits: limits) { bus in
        let loop = try LoopThread(name: "test")
        defer { loop.stop() }
        return try await body(bus, loop)
    }
}

extension BusConnection {
    static func open(_ bus: PrivateBus, _ loop: LoopThread) async throws(BusError) -> BusConnection {
        try await Self.open(.address(bus.address), on: loop, within: .seconds(20))
    }

    /// A call to the bus itself.
    static func toBus(_ member: String, _ arguments: [BusValue] = []) -> BusCall {
        BusCall(
            "org.freedesktop.DBus", path: "/org/freedesktop/DBus", interface: "org.freedesktop.DBus", member: member,
            arguments: arguments)
    }
}

/// A service that gives back what it gets, refuses, or is silent until it may speak.
final class EchoPeer: Sendable {
    static let name = "org.station.Echo"
    static let path = "/org/station/echo"
    static let interface = "org.station.Echo1"

    let connection: BusConnection
    let silence = Silence()
    private let object = Mutex<BusExport?>(nil)

    private init(_ connection: BusConnection) {
        self.connection = connection
    }

    static func start(_ bus: PrivateBus, _ loop: LoopThread, name: String = EchoPeer.name) async throws -> EchoPeer {
        let peer = EchoPeer(try await BusConnection.open(bus, loop))
        let silence = peer.silence
        let object = try await peer.connection.export(path: Self.path) { (request) throws(BusError) in
            try await Self.answer(request, silence)
        }
        peer.object.withLock { $0 = object }
        try await peer.connection.requestName(name)
        return peer
    }

    static func call(_ member: String, _ arguments: [BusValue] = [], name: String = EchoPeer.name) -> BusCall {
        BusCall(name, path: Self.path, interface: Self.interface, member: member, arguments: arguments)
    }

    /// Takes the object back.
    func retract() {
        self.object.withLock { $0 = nil }
    }

    func emit(_ member: String, _ arguments: [BusValue] = [], path: String = EchoPeer.path) async throws(BusError) {
        try await self.connection.emit(path: path, interface: Self.interface, member: member, arguments: arguments)
    }

    /// Sends signals with the numbers from 0.
    func emitNumbers(_ count: Int) async throws(BusError) {
        for number in 0..<count { try await self.emit("Number", [.uint32(UInt32(number))]) }
    }

    private static func answer(_ request: BusRequest, _ silence: Silence) async throws(BusError) -> [BusValue] {
        switch request.member {
        case "Echo": return request.arguments
        case "Caller": return [.string(request.sender)]
        case "Refuse": throw .remote(name: "org.station.Error.Refused", message: "not today")
        case "Forbidden": throw .remote(name: "no error name", message: "a\0b")
        case "Impossible": return [.string("a\0b")]
        case "Silent":
            await silence.wait()
            return []
        default: throw .remote(name: BusErrorName.unknownMethod, message: "there is no \(request.member)")
        }
    }
}

/// Keeps those waiting who ask for it, until it ends.
final class Silence: Sendable {
    private let waiters = Mutex<[CheckedContinuation<Void, Never>]?>([])

    var count: Int { self.waiters.withLock { $0?.count ?? 0 } }

    func wait() async {
        await withCheckedContinuation { waiter in
            let isOver = self.waiters.withLock { waiters in
                waiters?.append(waiter)
                return waiters == nil
            }
            if isOver { waiter.resume() }
        }
    }

    func end() {
        let waiters = self.waiters.withLock { waiters in
            defer { waiters = nil }
            return waiters ?? []
        }
        for waiter in waiters { waiter.resume() }
    }
}

/// The error of the bus that `body` throws; nil if it throws nothing or something else.
func busError(
    isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Void
) async -> BusError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? BusError
    }
}
