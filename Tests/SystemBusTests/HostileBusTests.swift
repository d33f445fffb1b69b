import PollLoop
import StationTestSupport
import SystemBus
import Testing

@Suite("A bus that is none")
struct HostileBusTests {
    static let accepted = Array("OK 0123456789abcdef0123456789abcdef\r\n".utf8)

    /// What ends the connection: nothing of it may reach anybody.
    static let poison: [[UInt8]] = [
        // Not UTF-8: a stray byte, an overlong slash, half a surrogate pair.
        RawBusMessage.signal("s", RawBusMessage.string([0xFF])).bytes,
        RawBusMessage.signal("s", RawBusMessage.string([0xC0, 0xAF])).bytes,
        RawBusMessage.signal("s", RawBusMessage.string([0xED, 0xA0, 0x80])).bytes,
        // A zero byte within; a length that is none; a boolean of 2; an object path that is none.
        RawBusMessage.signal("s", RawBusMessage.string([0x61, 0, 0x62])).bytes,
        RawBusMessage.signal("s", RawBusMessage.number(.max) + [0]).bytes,
        RawBusMessage.signal("b", RawBusMessage.number(2)).bytes,
        RawBusMessage.signal("o", RawBusMessage.string(Array("a".utf8))).bytes,
        // Less than the signature says, more than it says, a signature that is none.
        RawBusMessage.signal("ss", RawBusMessage.string([0x61])).bytes,
        RawBusMessage.signal("", [1, 2, 3, 4]).bytes,
        RawBusMessage.signal("a", [0, 0, 0, 0]).bytes,
        // Variants within variants, a hundred deep.
        RawBusMessage.signal("v", Array(repeating: [1, UInt8(ascii: "v"), 0], count: 100).flatMap { $0 }).bytes,
        // A hundred megabytes are announced.
        {
            var message = RawBusMessage.signal("s", [])
            message.claimedSize = 100 << 20
            return message.bytes
        }(),
        Array("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".utf8),
    ]

    /// A connection to a peer that plays the bus until it has given a name.
    static func open(_ peer: FakePeer, _ loop: LoopThread) async throws -> BusConnection {
        let opening = Task {
            try await BusConnection.open(.address("tcp:host=127.0.0.1,port=\(peer.port)"), on: loop)
        }
        try await eventually("the client says hello") {
            String(decoding: peer.received, as: UTF8.self).contains("Hello")
        }
        peer.send(RawBusMessage.reply(to: 1, ":1.5").bytes)
        return try await opening.value
    }

    /// As an AddMatch is answered: the peer is no bus, and the serials are known.
    static func subscribe(_ connection: BusConnection, _ peer: FakePeer) async throws -> AsyncStream<BusSignal> {
        let subscribing = Task { try await connection.signals(matching: BusMatch(member: "C")) }
        try await eventually("the client adds its rule") {
            String(decoding: peer.received, as: UTF8.self).contains("AddMatch")
        }
        peer.send(RawBusMessage.reply(to: 2, "").bytes)
        return try await subscribing.value
    }

    @Test("has its nonsense refused: the connection ends with a reason", arguments: poison)
    func nonsense(bytes: [UInt8]) async throws {
        try await FakePeer.run(.answers(Self.accepted)) { peer in
            let loop = try LoopThread(name: "test")
            defer { loop.stop() }
            let connection = try await Self.open(peer, loop)
            let name = await connection.uniqueName
            #expect(name == ":1.5")
            let stream = try await Self.subscribe(connection, peer)
            peer.send(bytes)
            let reason = try await connection.closed
            #expect(reason?.name == BusErrorName.disconnected)
            let delivered = await BusSignalTests.rest(of: stream)
            #expect(delivered == 0)
        }
    }

    @Test("has ignored what nobody asked for")
    func unasked() async throws {
        try await FakePeer.run(.answers(Self.accepted)) { peer in
            let loop = try LoopThread(name: "test")
            defer { loop.stop() }
            let connection = try await Self.open(peer, loop)
            let stream = try await Self.subscribe(connection, peer)
            peer.send(RawBusMessage.reply(to: 1, ":1.6").bytes)
            peer.send(RawBusMessage.reply(to: 77, "x").bytes)
            var unknown = RawBusMessage.signal("s", RawBusMessage.string([0x61]))
            unknown.kind = .unknown
            peer.send(unknown.bytes)
            peer.send(RawBusMessage.signal("s", RawBusMessage.string(Array("good".utf8))).bytes)
            let signal = await BusSignalTests.next(of: stream)
            #expect(signal?.arguments == [.string("good")])
            let name = await connection.uniqueName
            #expect(name == ":1.5")
        }
    }

    @Test(
        "cannot be opened if it gives no name, or does not want us",
        arguments: ["REJECTED ANONYMOUS\r\n", "ERROR\r\n", "\u{0}\u{1}\r\n"])
    func refusal(answer: String) async throws {
        try await FakePeer.run(.answers(Array(answer.utf8))) { peer in
            let loop = try LoopThread(name: "test")
            defer { loop.stop() }
            let error = await busError {
                _ = try await BusConnection.open(
                    .address("tcp:host=127.0.0.1,port=\(peer.port)"), on: loop, within: .milliseconds(500))
            }
            #expect(error != nil)
        }
    }
}
