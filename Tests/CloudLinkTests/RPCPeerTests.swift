import StationCore
import StationTestSupport
import Testing

@testable import CloudLink

@Suite("The JSON-RPC peer at work")
struct RPCPeerTests {
    // MARK: Serving

    @Test("serves calls beside each other: a quick one does not wait for a slow one")
    func beside() async throws {
        try await PeerBench.run { bench in
            await bench.receive(#"{"id":1,"method":"wait"}"#)
            await bench.receive(#"{"id":2,"method":"echo","params":[5]}"#)
            #expect(await bench.next() == ["jsonrpc": "2.0", "id": 2, "result": [5]])
            bench.release()
            #expect(await bench.next() == ["jsonrpc": "2.0", "id": 1, "result": "released"])
        }
    }

    @Test("gives a call up after 10 s, and its place once its work has ended")
    func timeout() async throws {
        try await PeerBench.run { bench in
            for number in 0..<64 { await bench.receive(#"{"id":\#(number),"method":"stubborn"}"#) }
            try await eventually("all are timed") { bench.clock.sleeperCount == 64 }
            bench.clock.advance(by: .milliseconds(9_999))
            await bench.receive(#"{"id":"busy","method":"echo"}"#)
            #expect(await bench.nextCode() == -32000)
            bench.clock.advance(by: .milliseconds(1))
            for _ in 0..<64 { #expect(await bench.nextCode() == -32603) }
            // They do not end when they are cancelled: so they still count.
            await bench.receive(#"{"id":"busy","method":"echo"}"#)
            #expect(await bench.nextCode() == -32000)
            bench.release()
            try await eventually("there is a place again") {
                await bench.receive(#"{"id":"again","method":"echo"}"#)
                return await bench.next()?.objectValue?["result"] != nil
            }
        }
    }

    @Test("does what is instant in order, also when all places are taken")
    func instant() async throws {
        try await PeerBench.run { bench in
            for number in 0..<64 { await bench.receive(#"{"id":\#(number),"method":"wait"}"#) }
            await bench.receive(#"{"id":"a","method":"note","params":[1]}"#)
            await bench.receive(#"{"method":"note","params":[2]}"#)
            await bench.receive(#"[{"id":"b","method":"note","params":[3]},{"id":"c","method":"note"}]"#)
            #expect(bench.noted.value == [[1], [2], [3], .null])
            #expect(await bench.next()?.objectValue?["id"] == "a")
            let batch = try #require(await bench.next()?.arrayValue)
            #expect(batch.map { $0.objectValue?["id"] } == ["b", "c"])
            bench.release()
        }
    }

    @Test("leaves to others what is no call, and counts what is dropped")
    func rest() async throws {
        try await PeerBench.run { bench in
            #expect(await bench.receive(#"{"type":"member_removed"}"#) == [.legacy(["type": "member_removed"])])
            #expect(await bench.receive(#"{"id":"x","result":1}"#) == [.reply(to: "x")])
            #expect(await bench.receive(#"[{"method":"nothing"},{"method":"nothing"}]"#) == [])
            #expect(bench.metrics.value(of: .cloudDrops, "unknown_notification") == 2)
        }
    }

    @Test("reads no further while 256 answers wait to be sent")
    func backPressure() async throws {
        try await PeerBench.run { bench in
            let received = Locked(0)
            let reader = Task { await Self.receive(300, of: "nonsense", bench, counting: received) }
            try await eventually("256 are answered") { received.value == 256 }
            for _ in 0..<300 { #expect(await bench.nextCode() == -32700) }
            await reader.value
            #expect(received.value == 300)
        }
    }

    private static func receive(
        _ count: Int, of frame: String, _ bench: PeerBench, counting received: Locked<Int>
    ) async {
        for _ in 0..<count {
            await bench.receive(frame)
            received.withLock { $0 += 1 }
        }
    }

    // MARK: Calling

    @Test("has the result of a call of its own, or the refusal")
    func calling() async throws {
        try await PeerBench.run { bench in
            let peer = bench.peer
            let call = Task { try await peer.call("station.invite", ["email": "a@b.c"]) }
            let request = try #require(await bench.next())
            #expect(request.objectValue?["method"] == "station.invite")
            await bench.receive(#"{"id":\#(request["id"] ?? .null),"result":"done"}"#)
            let result = try await call.value
            #expect(result == "done")

            let refused = Task { try await peer.call("station.invite", [:]) }
            let second = try #require(await bench.next())
            await bench.receive(#"{"id":\#(second["id"] ?? .null),"error":{"code":1,"message":"no"}}"#)
            let refusal = JSONRPCCallError.refused(JSONRPCError(code: 1, message: "no"))
            await #expect(throws: refusal) { try await refused.value }
        }
    }

    @Test("waits for an answer as long as it was told, and then drops it")
    func callTimeout() async throws {
        try await PeerBench.run { bench in
            let peer = bench.peer
            let call = Task { try await peer.call("station.invite", [:], within: .seconds(3)) }
            let request = try #require(await bench.next())
            try await eventually("it is timed") { bench.clock.sleeperCount == 1 }
            bench.clock.advance(by: .seconds(3))
            await #expect(throws: JSONRPCCallError.timedOut) { try await call.value }
            let id = request["id"] ?? .null
            #expect(await bench.receive(#"{"id":\#(id),"result":1}"#) == [.reply(to: id)])
        }
    }

    @Test("has at most 64 calls under way, and ends them with itself")
    func callLimit() async throws {
        try await PeerBench.run { bench in
            let peer = bench.peer
            let calls = (0..<64).map { _ in Task { try await peer.call("station.invite", [:]) } }
            for _ in 0..<64 { #expect(await bench.next() != nil) }
            await #expect(throws: JSONRPCCallError.tooMany) { try await peer.call("station.invite", [:]) }
            peer.finish()
            for call in calls { await #expect(throws: JSONRPCCallError.closed) { try await call.value } }
            await #expect(throws: JSONRPCCallError.closed) { try await peer.call("station.invite", [:]) }
        }
    }
}

/// A peer with a clock that stands still; the test is the cloud.
final class PeerBench: Sendable {
    let clock = ManualClock()
    let metrics = MetricRegistry()
    let queue = OutgoingQueue()
    let noted = Locked<[JSONValue]>([])
    let peer: JSONRPCPeer
    private let gate: AsyncStream<Never>.Continuation

    private init() {
        let (gate, opener) = AsyncStream<Never>.makeStream()
        self.gate = opener
        let opened = Task { for await _ in gate {} }
        self.peer = JSONRPCPeer(
            methods: [
                "echo": { params throws(JSONRPCError) in params ?? .null },
                // Gives up when it is cancelled.
                "wait": { _ throws(JSONRPCError) in
                    await withTaskCancellationHandler {
                        await opened.value
                    } onCancel: {
                        opener.finish()
                    }
                    return "released"
                },
                "stubborn": { _ throws(JSONRPCError) in
                    await opened.value
                    return "late"
                },
            ],
            instantMethods: ["note": Self.note(in: self.noted)], queue: self.queue, clock: self.clock,
            metrics: self.metrics
        )
    }

    private static func note(in noted: Locked<[JSONValue]>) -> JSONRPCPeer.InstantMethod {
        { params throws(JSONRPCError) in
            noted.withLock { $0.append(params ?? .null) }
            return "noted"
        }
    }

    static func run(_ body: (PeerBench) async throws -> Void) async throws {
        let bench = PeerBench()
        let peer = bench.peer
        let work = Task { await peer.run() }
        defer { bench.release() }
        do {
            try await body(bench)
        } catch {
            await bench.end(work)
            throw error
        }
        await bench.end(work)
    }

    private func end(_ work: Task<Void, Never>) async {
        self.release()
        self.peer.finish()
        self.queue.finish()
        await work.value
    }

    /// Ends the methods that wait.
    func release() {
        self.gate.finish()
    }

    @discardableResult
    func receive(_ text: String) async -> [JSONRPCPeer.Rest] {
        await self.peer.receive(text)
    }

    /// The next text that is sent.
    func next() async -> JSONValue? {
        var texts = self.queue.texts.makeAsyncIterator()
        let text = await texts.next()
        _ = self.queue.sent()
        return text.flatMap { try? JSONValue.parse($0) }
    }

    func nextCode() async -> JSONValue? {
        await self.next()?.objectValue?["error"]?.objectValue?["code"]
    }
}
