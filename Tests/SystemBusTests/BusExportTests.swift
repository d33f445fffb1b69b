import Foundation
import PollLoop
import StationTestSupport
import SystemBus
import Testing

@Suite("An object on a bus")
struct BusExportTests {
    /// Calls that the peer keeps waiting.
    static func silentCalls(_ count: Int, over connection: BusConnection) -> [Task<BusError?, Never>] {
        (0..<count).map { _ in Task { await busError { _ = try await connection.call(EchoPeer.call("Silent")) } } }
    }

    static func failures(of calls: [Task<BusError?, Never>]) async -> [BusError] {
        var failures: [BusError] = []
        for call in calls {
            if let error = await call.value { failures.append(error) }
        }
        return failures
    }

    @Test("knows who calls it")
    func caller() async throws {
        try await withBus { bus, loop in
            let peer = try await EchoPeer.start(bus, loop)
            let connection = try await BusConnection.open(bus, loop)
            let answer = try await connection.call(EchoPeer.call("Caller"))
            let name = await connection.uniqueName
            #expect(answer == [.string(name)])
            withExtendedLifetime(peer) {}
        }
    }

    @Test("answers also where its reply or its error is none that D-Bus allows")
    func impossibleReplies() async throws {
        try await withBus { bus, loop in
            let peer = try await EchoPeer.start(bus, loop)
            let connection = try await BusConnection.open(bus, loop)
            let impossible = await busError { _ = try await connection.call(EchoPeer.call("Impossible")) }
            #expect(impossible?.name == BusErrorName.invalidArguments)
            let forbidden = await busError { _ = try await connection.call(EchoPeer.call("Forbidden")) }
            #expect(forbidden == .remote(name: BusErrorName.failed, message: "ab"))
            withExtendedLifetime(peer) {}
        }
    }

    @Test("refuses callers beyond so many at once, and takes calls again afterwards")
    func tooManyRequests() async throws {
        try await withBus { bus, loop in
            let peer = try await EchoPeer.start(bus, loop)
            let connection = try await BusConnection.open(bus, loop)
            let calls = Self.silentCalls(64, over: connection)
            try await eventually("the peer has all calls") { peer.silence.count == 64 }
            let error = await busError { _ = try await connection.call(EchoPeer.call("Echo")) }
            #expect(error?.name == BusErrorName.limitsExceeded)
            peer.silence.end()
            let failures = await Self.failures(of: calls)
            #expect(failures == [])
            let after = try await connection.call(EchoPeer.call("Echo", [.byte(1)]))
            #expect(after == [.byte(1)])
        }
    }

    @Test("has its path for itself, until it is taken back")
    func onePath() async throws {
        try await withBus { bus, loop in
            let connection = try await BusConnection.open(bus, loop)
            let first = try await connection.export(path: "/a") { _ in [.byte(1)] }
            let taken = await busError { _ = try await connection.export(path: "/a") { _ in [] } }
            #expect(taken?.name == BusErrorName.invalidArguments)
            let invalid = await busError { _ = try await connection.export(path: "a") { _ in [] } }
            #expect(invalid?.name == BusErrorName.invalidArguments)
            first.cancel()
            let second = try await connection.export(path: "/a") { _ in [.byte(2)] }
            // Again, and too late: it must not take the other one back.
            first.cancel()
            let name = await connection.uniqueName
            let answer = try await connection.call(BusCall(name, path: "/a", interface: "a.b", member: "C"))
            #expect(answer == [.byte(2)])
            withExtendedLifetime(second) {}
        }
    }

    @Test("is reached by any program of D-Bus, and answers a ping wherever it is asked")
    func otherProgram() async throws {
        try await withBus { bus, loop in
            let peer = try await EchoPeer.start(bus, loop)
            let sender = try await ChildProcess(
                "/usr/bin/dbus-send",
                [
                    "--bus=\(bus.address)", "--print-reply", "--dest=\(EchoPeer.name)", EchoPeer.path,
                    "\(EchoPeer.interface).Echo", "string:Grüße", "array:byte:1,2", "dict:string:int32:a,-1",
                    "variant:boolean:true",
                ],
                environment: bus.environment, output: bus.folder.appending(path: "send.log"))
            try await eventually("the program ends") { !sender.isRunning }
            #expect(sender.exitCode == 0, "\(sender.output)")
            #expect(sender.output.contains("string \"Grüße\""))
            #expect(sender.output.contains("array of bytes"))
            #expect(sender.output.contains("int32 -1"))
            let connection = try await BusConnection.open(bus, loop)
            let pong = try await connection.call(
                BusCall(EchoPeer.name, path: "/nowhere", interface: "org.freedesktop.DBus.Peer", member: "Ping"))
            #expect(pong == [])
            withExtendedLifetime(peer) {}
        }
    }

    @Test("cannot have a name that another one has")
    func takenName() async throws {
        try await withBus { bus, loop in
            let peer = try await EchoPeer.start(bus, loop)
            let connection = try await BusConnection.open(bus, loop)
            let error = await busError { try await connection.requestName(EchoPeer.name) }
            #expect(error?.name == BusErrorName.failed)
            try await peer.connection.releaseName(EchoPeer.name)
            try await connection.requestName(EchoPeer.name)
            let again = await busError { try await connection.requestName(EchoPeer.name) }
            #expect(again == nil)
        }
    }
}
