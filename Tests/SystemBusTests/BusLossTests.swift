import Foundation
import PollLoop
import StationTestSupport
import SystemBus
import Testing

@Suite("A connection to a bus that fails")
struct BusLossTests {
    @Test(
        "cannot be opened where there is no bus",
        arguments: ["unix:path=/nonexistent/bus", "nonsense", "", "tcp:host=127.0.0.1,port=1", "a:b\0"])
    func noBus(address: String) async throws {
        let loop = try LoopThread(name: "test")
        defer { loop.stop() }
        let error = await busError { _ = try await BusConnection.open(.address(address), on: loop) }
        #expect(error != nil)
        #expect(error?.name == (address.contains("\0") ? BusErrorName.invalidArguments : BusErrorName.noServer))
    }

    @Test("cannot be opened on a peer that hangs up or is silent", arguments: [true, false])
    func badPeer(hangsUp: Bool) async throws {
        try await FakePeer.run(hangsUp ? .hangsUpAfterFirstBytes : .silent) { peer in
            let loop = try LoopThread(name: "test")
            defer { loop.stop() }
            let error = await busError {
                _ = try await BusConnection.open(
                    .address("tcp:host=127.0.0.1,port=\(peer.port)"), on: loop,
                    within: .milliseconds(hangsUp ? 20_000 : 200))
            }
            #expect(error?.name == (hangsUp ? BusErrorName.disconnected : BusErrorName.timeout))
        }
    }

    @Test("ends with all that wait when the bus is killed, and another one is opened when it is back")
    func killed() async throws {
        try await withBus { bus, loop in
            let peer = try await EchoPeer.start(bus, loop)
            let connection = try await BusConnection.open(bus, loop)
            let signals = try await connection.signals(matching: BusMatch(sender: EchoPeer.name))
            let owners = try await connection.nameOwnerChanges(of: EchoPeer.name)
            let calling = Task { await busError { _ = try await connection.call(EchoPeer.call("Silent")) } }
            try await eventually("the peer has the call") { peer.silence.count == 1 }
            await bus.kill()
            let error = await calling.value
            #expect(error?.isConnectionLost == true)
            let reason = try await connection.closed
            #expect(reason?.name == BusErrorName.disconnected)
            let rest = await BusSignalTests.rest(of: signals)
            #expect(rest == 0)
            let told = await BusSignalTests.owners(9, of: owners)
            #expect(told.count == 1)
            let late = await busError { _ = try await connection.call(BusConnection.toBus("ListNames")) }
            #expect(late == reason)
            peer.silence.end()
            try await bus.start()
            let next = try await BusConnection.open(bus, loop)
            let names = try await next.call(BusConnection.toBus("ListNames"))
            #expect(names.count == 1)
        }
    }

    @Test("is noticed by a call that is sent into it")
    func killedWhileIdle() async throws {
        try await withBus { bus, loop in
            let connection = try await BusConnection.open(bus, loop)
            await bus.stop()
            let error = await busError { _ = try await connection.call(BusConnection.toBus("ListNames")) }
            #expect(error?.isConnectionLost == true)
            let isOpen = await connection.isOpen
            #expect(!isOpen)
        }
    }

    @Test("ends in good order when we close it, whoever waits")
    func closed() async throws {
        try await withBus { bus, loop in
            let peer = try await EchoPeer.start(bus, loop)
            let connection = try await BusConnection.open(bus, loop)
            let signals = try await connection.signals(matching: BusMatch(sender: EchoPeer.name))
            let calling = Task { await busError { _ = try await connection.call(EchoPeer.call("Silent")) } }
            try await eventually("the peer has the call") { peer.silence.count == 1 }
            await connection.close()
            await connection.close()
            let error = await calling.value
            #expect(error == .closed)
            let reason = try await connection.closed
            #expect(reason == nil)
            let rest = await BusSignalTests.rest(of: signals)
            #expect(rest == 0)
            let late = await busError { _ = try await connection.signals(matching: BusMatch(member: "A")) }
            #expect(late == .closed)
            peer.silence.end()
        }
    }

    @Test("ends when its loop is stopped")
    func stoppedLoop() async throws {
        try await PrivateBus.run { bus in
            let loop = try LoopThread(name: "test")
            let connection = try await BusConnection.open(bus, loop)
            loop.stop()
            let reason = try await connection.closed
            #expect(reason?.name == BusErrorName.disconnected)
        }
    }

    @Test("stays when only the one who waits for its end gives up")
    func cancelledWait() async throws {
        try await withBus { bus, loop in
            let connection = try await BusConnection.open(bus, loop)
            let waiting = Task { try await connection.closed }
            waiting.cancel()
            await #expect(throws: CancellationError.self) { try await waiting.value }
            let isOpen = await connection.isOpen
            #expect(isOpen)
        }
    }

    @Test("is opened again and again, and leaves no descriptor behind")
    func descriptors() async throws {
        try await withBus { bus, loop in
            try await Self.openAndClose(3, bus, loop)
            let before = try Self.openDescriptors()
            try await Self.openAndClose(300, bus, loop)
            // Other tests open and close beside this one; three hundred left over would show.
            try await eventually("the descriptors are closed") { try Self.openDescriptors() < before + 200 }
        }
    }

    static func openAndClose(_ count: Int, _ bus: PrivateBus, _ loop: LoopThread) async throws {
        for _ in 0..<count {
            let connection = try await BusConnection.open(bus, loop)
            await connection.close()
        }
    }

    static func openDescriptors() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
    }
}
