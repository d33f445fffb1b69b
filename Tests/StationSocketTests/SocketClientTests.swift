import NIOCore
import StationCore
import StationSocket
import StationTestSupport
import Testing

@Suite("Server and client over a real socket")
struct SocketClientTests {
    private typealias Fields = [(name: String, value: String)]

    private func request(_ port: Int, path: String = "/ws", fields: Fields = []) throws -> SocketRequest {
        try SocketRequest(host: "127.0.0.1", port: port, path: path, fields: fields)
    }

    @Test("Messages of many sizes come back as they went, over all of it the connection stays open")
    func echo() async throws {
        let sizes = [0, 1, 125, 126, 4_096, 65_535, 65_536]
        try await SocketListener.run(receive: { try? await $1.send($0) }) { listener in
            let connection = SocketConnection(role: .client)
            let received = Locked<[SocketMessage]>([])
            let request = try self.request(listener.port, fields: [("Authorization", "Bearer t")])
            async let ending = SocketClient().run(connection, request) { message in
                received.withLock { $0.append(message) }
            }
            var expected: [SocketMessage] = []
            for size in sizes {
                expected.append(.text(String(repeating: "ä", count: size / 2)))
                expected.append(.binary(ByteBuffer(repeating: UInt8(size % 251), count: size)))
            }
            for message in expected { try await connection.send(message) }
            try await eventually("all came back") { received.value.count == expected.count }
            #expect(received.value == expected)
            connection.close(.goingAway, reason: "done")
            #expect(try await ending == .closedByUs(.goingAway, reason: "done", isAnswered: true))
            try await eventually("the server is through") {
                listener.endings == [.closedByPeer(.goingAway, reason: "done")]
            }
            let head = try #require(listener.requests.first)
            #expect(head.firstLine == "GET /ws HTTP/1.1")
            #expect(head.values("host") == ["127.0.0.1:\(listener.port)"])
            #expect(head.values("authorization") == ["Bearer t"])
        }
    }

    @Test("The server's Close is told to the client, which answers it")
    func serverCloses() async throws {
        try await SocketListener.run(
            receive: { _, connection in connection.close(SocketCloseCode(rawValue: 4401), reason: "expired") }
        ) { listener in
            let connection = SocketConnection(role: .client)
            let request = try self.request(listener.port)
            async let ending = SocketClient().run(connection, request) { _ in }
            try await connection.send("hello")
            #expect(try await ending == .closedByPeer(SocketCloseCode(rawValue: 4401), reason: "expired"))
            try await eventually("the server has the answer") {
                listener.endings
                    == [.closedByUs(SocketCloseCode(rawValue: 4401), reason: "expired", isAnswered: true)]
            }
        }
    }

    @Test("A frame in the same piece as the server's consent is not lost")
    func leftover() async throws {
        let greeting = RawFrame(opcode: 1, payload: Array("welcome".utf8)).bytes
        try await SocketListener.run(greeting: greeting, receive: { _, _ in }) { listener in
            let connection = SocketConnection(role: .client)
            let received = Locked<[SocketMessage]>([])
            let answers = Locked<[String]>([])
            let ending = try await SocketClient().run(
                connection, try self.request(listener.port),
                opened: { head in answers.withLock { $0.append(head.firstLine) } }
            ) { message in
                received.withLock { $0.append(message) }
                connection.close()
            }
            #expect(received.value == [.text("welcome")])
            #expect(answers.value == ["HTTP/1.1 101 Switching Protocols"])
            #expect(ending == .closedByUs(.normal, reason: "", isAnswered: true))
        }
    }

    @Test("A slow reader slows its sender down instead of filling memory")
    func slowReader() async throws {
        let gate = Locked(false)
        try await SocketListener.run(
            receive: { _, _ in try? await eventually(within: .seconds(60), "the reader wakes") { gate.value } }
        ) { listener in
            let connection = SocketConnection(role: .client)
            let request = try self.request(listener.port)
            async let ending = SocketClient().run(connection, request) { _ in }
            let sent = Locked(0)
            let message = SocketMessage.binary(ByteBuffer(repeating: 1, count: 60_000))
            // More than the kernel holds for one connection on both sides together.
            let sending = Task {
                for _ in 0..<1_000 {
                    try await connection.send(message)
                    sent.withLock { $0 += 1 }
                }
            }
            var last = -1
            try await eventually("the sender is stuck") {
                defer { last = sent.value }
                try await Task.sleep(for: .milliseconds(100))
                return sent.value > 0 && sent.value == last
            }
            #expect(sent.value < 1_000)
            gate.withLock { $0 = true }
            try await sending.value
            #expect(sent.value == 1_000)
            connection.close()
            _ = try await ending
        }
    }

    @Test("A refusal is told with its status and header fields")
    func refusal() async throws {
        let answer = "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Bearer\r\nContent-Length: 2\r\n\r\n{}"
        try await FakePeer.run(.answers(Array(answer.utf8))) { peer in
            let connection = SocketConnection(role: .client)
            let sending = Task { try await connection.send("in vain") }
            try await eventually("it waits") { connection.waitingMessages == 1 }
            let error = await #expect(throws: SocketClientError.self) {
                _ = try await SocketClient().run(connection, try self.request(peer.port)) { _ in }
            }
            guard case .refused(401, let head)? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(head.values("www-authenticate") == ["Bearer"])
            await #expect(throws: SocketError.closed) { try await sending.value }
            try await eventually("nothing is left open") { peer.openConnections == 0 }
        }
    }

    @Test(
        "An answer that is none is refused",
        arguments: [
            "HTTP/1.1 101 OK\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
            "HTTP/1.1 101 OK\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: AAAA\r\n\r\n",
            "HTTP/1.1 101 OK\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
            "HTTP/1.1 101 OK\r\nbroken\r\n\r\n",
            "HTTP/1.1 1e1 OK\r\n\r\n", "HTTP/1.0 101 OK\r\n\r\n", "SSH-2.0-OpenSSH_9\r\n\r\n",
        ]
    )
    func malformed(_ answer: String) async throws {
        try await FakePeer.run(.answers(Array(answer.utf8))) { peer in
            let error = await #expect(throws: SocketClientError.self) {
                _ = try await SocketClient().run(SocketConnection(role: .client), try self.request(peer.port)) { _ in }
            }
            guard case .malformed? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test("An answer whose head does not end is read no further than 16 KiB")
    func endlessAnswer() async throws {
        try await self.malformed("HTTP/1.1 101 OK\r\n" + String(repeating: "A: b\r\n", count: 4_000))
    }

    @Test("A server that hangs up is told as such", arguments: [FakePeer.Behaviour.hangsUp, .hangsUpAfterFirstBytes])
    func hangUp(_ behaviour: FakePeer.Behaviour) async throws {
        try await FakePeer.run(behaviour) { peer in
            let error = await #expect(throws: SocketClientError.self) {
                _ = try await SocketClient().run(SocketConnection(role: .client), try self.request(peer.port)) { _ in }
            }
            guard case .unreachable? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test("A port where nobody listens is told as such, and nothing waits for ever")
    func nobody() async throws {
        let error = await #expect(throws: SocketClientError.self) {
            let request = try self.request(LoopbackPort.unused())
            _ = try await SocketClient().run(SocketConnection(role: .client), request) { _ in }
        }
        #expect(error?.description.contains("refused") == true)
    }

    @Test("A silent server is left when the time to open is over, or when the task is cancelled")
    func silence() async throws {
        try await FakePeer.run(.silent) { peer in
            let clock = ManualClock()
            let client = SocketClient(opening: .seconds(10), clock: clock)
            let request = try self.request(peer.port)
            let open = { @Sendable () async throws(SocketClientError) -> SocketEnding in
                try await client.run(SocketConnection(role: .client, clock: clock), request) { _ in }
            }
            let late = Task { try await open() }
            try await eventually("the request is sent") { !peer.received.isEmpty && clock.sleeperCount == 1 }
            clock.advance(by: .seconds(10))
            await #expect(throws: SocketClientError.timedOut(endpoint: "127.0.0.1:\(peer.port)", limit: .seconds(10))) {
                try await late.value
            }
            let cancelled = Task { try await open() }
            try await eventually("the second one waits") { peer.openConnections == 1 && clock.sleeperCount == 1 }
            cancelled.cancel()
            await #expect(throws: SocketClientError.cancelled) { try await cancelled.value }
            try await eventually("nothing is left open") { peer.openConnections == 0 && clock.sleeperCount == 0 }
        }
    }

    @Test("A cancelled client leaves no connection behind")
    func cancelledClient() async throws {
        try await SocketListener.run(receive: { _, _ in }) { listener in
            let connection = SocketConnection(role: .client)
            let request = try self.request(listener.port)
            let running = Task { try await SocketClient().run(connection, request) { _ in } }
            try await eventually("it is open") { listener.connections.count == 1 }
            try await connection.send("hello")
            running.cancel()
            _ = await running.result
            #expect(connection.ending != nil)
            try await eventually("the server has noticed") { listener.endings.count == 1 }
        }
    }

    @Test("Handlers that the caller adds see every byte first, as TLS must")
    func prepared() async throws {
        try await SocketListener.run(receive: { try? await $1.send($0) }) { listener in
            let seen = Locked(0)
            let client = SocketClient { channel in
                try channel.pipeline.syncOperations.addHandler(ByteCounter(seen))
            }
            let connection = SocketConnection(role: .client)
            let request = try self.request(listener.port)
            async let ending = client.run(connection, request) { _ in connection.close() }
            try await connection.send("hello")
            _ = try await ending
            // The head of the answer, five letters, and the Close.
            #expect(seen.value > 100)
        }
    }
}

private final class ByteCounter: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let count: Locked<Int>

    init(_ count: Locked<Int>) {
        self.count = count
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = Self.unwrapInboundIn(data)
        self.count.withLock { $0 += bytes.readableBytes }
        context.fireChannelRead(Self.wrapInboundOut(bytes))
    }
}
