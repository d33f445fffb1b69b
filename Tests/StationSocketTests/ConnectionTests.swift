import NIOCore
import StationCore
import StationSocket
import StationTestSupport
import Testing

@Suite("A connection at work")
struct ConnectionTests {
    private let clock = ManualClock()
    private let transport = TestTransport()

    private func connection(_ role: SocketRole = .server, capacity: Int = 16) -> SocketConnection {
        SocketConnection(role: role, capacity: capacity, clock: self.clock)
    }

    @Test("Messages are handed over in turn, and the next is read when the handler is through")
    func receive() async throws {
        let connection = self.connection()
        let texts = Locked<[String]>([])
        let transport = self.transport
        async let ending = transport.run(connection) { message in
            guard case .text(let text) = message else { return }
            try? await connection.send("re: \(text)")
            texts.withLock { $0.append(text) }
        }
        transport.send(.text("a"), .text("b"))
        transport.send(.text("c"), .close(1000))
        #expect(await ending == .closedByPeer(.normal, reason: ""))
        #expect(texts.value == ["a", "b", "c"])
        var peer = MachineRun(.client)
        peer.receive(transport.written)
        #expect(
            peer.events
                == ["re: a", "re: b", "re: c"].map { .message(.text($0)) }
                + [.closed(.closedByPeer(.normal, reason: ""))]
        )
    }

    @Test("A sender waits until the transport has taken its message")
    func backPressure() async throws {
        let connection = self.connection()
        let transport = self.transport
        transport.isWritable = false
        async let ending = transport.run(connection)
        let sent = Locked(0)
        let sending = Task {
            for number in 0..<3 {
                try await connection.send("\(number)")
                sent.withLock { $0 += 1 }
            }
        }
        try await eventually("the first message is being written") { transport.heldWrites == 1 }
        // Its answer goes between the messages, never into one.
        transport.send(.client(9, [1]))
        #expect(sent.value == 0)
        #expect(connection.waitingMessages == 0)
        transport.isWritable = true
        try await sending.value
        #expect(sent.value == 3)
        try await eventually("the ping is answered") { transport.written.count == 3 * 3 + 3 }
        transport.end()
        #expect(await ending == .lost(detail: "the peer closed it"))
        var peer = MachineRun(.client)
        peer.receive(transport.written)
        #expect(
            peer.events.filter { $0 != .pong(ByteBuffer(bytes: [1])) }
                == ["0", "1", "2"].map { .message(.text($0)) }
        )
    }

    @Test("So many messages may wait and no more; a cancelled one makes room and is not sent")
    func capacity() async throws {
        let connection = self.connection(capacity: 2)
        // There is no transport yet, so they wait.
        let first = Task { try await connection.send("first") }
        try await eventually("the first waits") { connection.waitingMessages == 1 }
        let second = Task { try await connection.send("second") }
        try await eventually("both wait") { connection.waitingMessages == 2 }
        await #expect(throws: SocketError.full(limit: 2)) { try await connection.send("third") }
        second.cancel()
        await #expect(throws: SocketError.cancelled) { try await second.value }
        let third = Task { try await connection.send("third") }
        try await eventually("the third waits") { connection.waitingMessages == 2 }
        let transport = self.transport
        async let ending = transport.run(connection)
        try await first.value
        try await third.value
        transport.end()
        _ = await ending
        var peer = MachineRun(.client)
        peer.receive(transport.written)
        #expect(peer.events == [.message(.text("first")), .message(.text("third"))])
    }

    @Test("Closing sends one Close, refuses what waits, and ends when the peer answers")
    func close() async throws {
        let connection = self.connection()
        let waiting = Task { try await connection.send("too late") }
        try await eventually("the message waits") { connection.waitingMessages == 1 }
        connection.close(.goingAway, reason: "stop")
        connection.close(.normal)
        await #expect(throws: SocketError.closed) { try await waiting.value }
        await #expect(throws: SocketError.closed) { try await connection.send("later still") }
        let transport = self.transport
        async let ending = transport.run(connection)
        try await eventually("the Close is out") { !transport.written.isEmpty }
        transport.send(.close(1001))
        #expect(await ending == .closedByUs(.goingAway, reason: "stop", isAnswered: true))
        #expect(transport.written == [0x88, 6, 0x03, 0xE9] + Array("stop".utf8))
        #expect(connection.ending == .closedByUs(.goingAway, reason: "stop", isAnswered: true))
    }

    @Test("A peer that does not answer a Close is waited for five seconds, then `run` returns")
    func closeDeadline() async throws {
        let connection = self.connection()
        let transport = self.transport
        async let ending = transport.run(connection)
        try await eventually("the heartbeat is set") { self.clock.sleeperCount == 1 }
        connection.close()
        try await eventually("the deadline is set") { self.clock.sleeperCount == 2 }
        self.clock.advance(by: .milliseconds(4_999))
        #expect(connection.ending == nil)
        self.clock.advance(by: .milliseconds(1))
        #expect(await ending == .closedByUs(.normal, reason: "", isAnswered: false))
        #expect(!transport.isDropped)
        #expect(self.clock.sleeperCount == 0)
    }

    @Test("A peer that does not even read is dropped when its time is over, and its senders learn of it")
    func stuckPeer() async throws {
        let connection = self.connection()
        let transport = self.transport
        transport.isWritable = false
        async let ending = transport.run(connection)
        let stuck = Task { try await connection.send("nobody reads this") }
        try await eventually("it is being written") { transport.heldWrites == 1 }
        connection.close(.policyViolation, reason: "too slow")
        try await eventually("the deadline is set") { self.clock.sleeperCount == 2 }
        self.clock.advance(by: .seconds(5))
        #expect(await ending == .closedByUs(.policyViolation, reason: "too slow", isAnswered: false))
        #expect(transport.isDropped)
        await #expect(throws: SocketError.closed) { try await stuck.value }
        #expect(self.clock.sleeperCount == 0)
    }

    @Test("Heartbeats: a peer that answers lives, one that falls silent is ended after two pings")
    func heartbeat() async throws {
        let connection = self.connection()
        let transport = self.transport
        async let ending = transport.run(connection)
        for beat in 1...3 {
            try await eventually("the heartbeat is set") { self.clock.sleeperCount == 1 }
            self.clock.advance(by: .seconds(30))
            try await eventually("ping \(beat) is out") { transport.written.count == beat * 10 }
            if beat == 1 {
                transport.send(.client(10, Array(transport.written.suffix(8))), .text("I live"))
            }
        }
        try await eventually("the heartbeat is set") { self.clock.sleeperCount == 1 }
        #expect(connection.ending == nil)
        self.clock.advance(by: .seconds(30))
        #expect(await ending == .silent)
        #expect(self.clock.sleeperCount == 0)
    }

    @Test("A cancelled task gives the transport up at once, also in the middle of a write")
    func cancellation() async throws {
        for isWritable in [true, false] {
            let connection = self.connection()
            let transport = TestTransport()
            transport.isWritable = isWritable
            let running = Task { await transport.run(connection) }
            let sending = Task { try await connection.send("a") }
            try await eventually("it has begun") { transport.heldWrites == 1 || transport.written.count == 3 }
            running.cancel()
            guard case .lost = await running.value else {
                Issue.record("not lost")
                return
            }
            if !isWritable { await #expect(throws: SocketError.closed) { try await sending.value } }
            #expect(self.clock.sleeperCount == 0)
        }
    }

    @Test("A fault of the peer's is answered, and the connection ends when the peer does or a moment later")
    func fault() async throws {
        for hangsUp in [true, false] {
            let connection = self.connection()
            let transport = TestTransport()
            async let ending = transport.run(connection)
            try await eventually("the heartbeat is set") { self.clock.sleeperCount == 1 }
            transport.send(.client(3))
            try await eventually("the moment begins") { self.clock.sleeperCount == 2 }
            if hangsUp { transport.end() } else { self.clock.advance(by: .milliseconds(200)) }
            #expect(await ending == .failed(.reservedOpcode(3)))
            #expect(transport.written.starts(with: [0x88, 22, 0x03, 0xEA]))
            #expect(self.clock.sleeperCount == 0)
        }
    }
}
