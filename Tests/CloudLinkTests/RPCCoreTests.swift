import StationCore
import Testing

@testable import CloudLink

@Suite("The rules of the JSON-RPC peer")
struct RPCCoreTests {
    private static func core() -> JSONRPCCore {
        JSONRPCCore(methods: ["work"], instantMethods: ["ack"])
    }

    private static func calls(in actions: [JSONRPCCore.Action]) -> [JSONRPCCore.Call] {
        actions.compactMap { if case .serve(let call) = $0 { call } else { nil } }
    }

    private static func texts(in actions: [JSONRPCCore.Action]) throws -> [JSONValue] {
        try actions.compactMap { if case .send(let text) = $0 { text } else { nil } }.map { try JSONValue.parse($0) }
    }

    private static func code(_ answer: JSONValue?) -> JSONValue? { answer?.objectValue?["error"]?.objectValue?["code"] }

    // MARK: Places

    @Test("64 calls are served at once, one more is told that the station is busy")
    func places() throws {
        var core = Self.core()
        var calls: [JSONRPCCore.Call] = []
        for number in 0..<64 { calls += Self.calls(in: core.receive(#"{"id":\#(number),"method":"work"}"#)) }
        #expect(calls.count == 64 && core.callCount == 64)
        let refused = core.receive(#"{"id":64,"method":"work"}"#)
        #expect(Self.calls(in: refused) == [])
        #expect(try Self.texts(in: refused).map(Self.code) == [-32000])
        #expect(core.receive(#"{"method":"work"}"#) == [.dropped(.busyNotification)])
        // What is no call takes no place.
        let unknown = try Self.texts(in: core.receive(#"{"id":65,"method":"nothing"}"#))
        #expect(unknown.map(Self.code) == [-32601])
        #expect(Self.calls(in: core.receive(#"{"method":"ack"}"#)).count == 1)
        core.leave(calls[5].ticket)
        #expect(Self.calls(in: core.receive(#"{"id":66,"method":"work"}"#)).count == 1)
        #expect(Self.calls(in: core.receive(#"{"id":67,"method":"work"}"#)) == [])
    }

    @Test("A batch of too many is served as far as there are places")
    func batchPlaces() throws {
        var core = Self.core()
        let batch = (0..<70).map { #"{"id":\#($0),"method":"work"}"# }.joined(separator: ",")
        let calls = Self.calls(in: core.receive("[\(batch)]"))
        #expect(calls.count == 64)
        var answers: [String] = []
        for call in calls {
            core.leave(call.ticket)
            answers += [core.finish(call.ticket, with: .success(true))].compactMap(\.self)
        }
        #expect(answers.count == 1)
        let elements = try JSONValue.parse(try #require(answers.first)).arrayValue ?? []
        #expect(elements.map { $0.objectValue?["id"] } == (0..<70).map { .integer($0) })
        #expect(elements.prefix(64).allSatisfy { $0.objectValue?["result"] == true })
        #expect(elements.dropFirst(64).allSatisfy { Self.code($0) == -32000 })
    }

    @Test("A call that was answered keeps its place until its work is over")
    func lateWork() throws {
        var core = Self.core()
        let calls = Self.calls(in: core.receive(#"{"id":1,"method":"work"}"#))
        let call = try #require(calls.first)
        let late = core.finish(call.ticket, with: .failure(.internalError("late")))
        let answer = try #require(late)
        #expect(Self.code(try JSONValue.parse(answer)) == -32603)
        #expect(core.callCount == 1)
        // The work ends after all: that was answered already.
        #expect(core.finish(call.ticket, with: .success(1)) == nil)
        core.leave(call.ticket)
        core.leave(call.ticket)
        #expect(core.callCount == 0)
    }

    @Test("A batch is answered when the last of it is done, in its own order")
    func batchOrder() throws {
        var core = Self.core()
        let frame = #"[{"id":"a","method":"work"},{"method":"work"},{"id":"b","method":"work"},7]"#
        let calls = Self.calls(in: core.receive(frame))
        try #require(calls.count == 3)
        #expect(core.finish(calls[2].ticket, with: .success("second")) == nil)
        #expect(core.finish(calls[0].ticket, with: .success("first")) == nil)
        // Even a notification is waited for: it is part of the batch.
        let last = core.finish(calls[1].ticket, with: .success("nobody asked"))
        let answer = try #require(last)
        let elements = try JSONValue.parse(answer).arrayValue ?? []
        #expect(elements.map { $0.objectValue?["result"] } == ["first", "second", nil])
        #expect(elements.map { $0.objectValue?["id"] } == ["a", "b", .null])
    }

    // MARK: Our calls

    @Test("An answer finds the call it belongs to, once")
    func answers() throws {
        var core = Self.core()
        let (first, text) = core.call("invite", ["a": 1])
        let (second, _) = core.call("invite", [:])
        #expect(first != second)
        #expect(
            try JSONValue.parse(text)
                == ["jsonrpc": "2.0", "id": first, "method": "invite", "params": .object(["a": 1])]
        )
        let reply = #"{"jsonrpc":"2.0","id":\#(second),"result":{"x":null}}"#
        #expect(core.receive(reply) == [.answered(id: second, .success(.object(["x": .null])))])
        #expect(core.receive(reply) == [.uncalled(id: second)])
        let error = #"{"id":\#(first).0,"error":{"code":-32001,"message":"no","data":[1]}}"#
        let refused = JSONRPCError(code: -32001, message: "no", data: [1])
        #expect(core.receive(error) == [.answered(id: first, .failure(refused))])
    }

    @Test(
        "An answer, however badly made, is not answered",
        arguments: [
            #"{"id":1,"result":1}"#, #"{"id":1,"error":null}"#, #"{"id":null,"error":{"code":-32700,"message":"x"}}"#,
            #"{"error":{}}"#, #"{"result":1}"#, #"{"id":{},"result":1}"#, #"{"id":"x","error":"text"}"#,
            #"{"id":7,"error":{"code":"a","message":1},"result":1}"#, #"{"type":"x","id":1,"result":2}"#,
            #"{"jsonrpc":"1.0","id":1,"result":1}"#,
        ]
    )
    func unknownAnswers(frame: String) {
        var core = Self.core()
        let actions = core.receive(frame)
        #expect(actions.count == 1)
        #expect(actions.allSatisfy { if case .uncalled = $0 { true } else { false } })
    }

    @Test("A refusal that is badly told is a refusal")
    func badRefusal() {
        var core = Self.core()
        let (id, _) = core.call("invite", [:])
        let actions = core.receive(#"{"id":\#(id),"error":"no","result":1}"#)
        #expect(actions == [.answered(id: id, .failure(.internalError("an error without a message")))])
    }

    @Test("Nobody waits for an answer that was given up")
    func forgotten() {
        var core = Self.core()
        let (id, _) = core.call("invite", [:])
        core.forget(id)
        #expect(core.receive(#"{"id":\#(id),"result":1}"#) == [.uncalled(id: id)])
    }

    // MARK: Identity

    @Test("A message with a type and no method is for those who know about identity")
    func legacy() {
        var core = Self.core()
        let frame = #"{"type":"member_added","member":{"email":"a@b.c"},"id":5}"#
        #expect(
            core.receive(frame)
                == [.legacy(["type": "member_added", "member": .object(["email": "a@b.c"]), "id": 5])]
        )
        // A type that is no text is nothing.
        let nonsense = core.receive(#"{"type":5}"#)
        #expect(nonsense.count == 1)
        #expect(nonsense.allSatisfy { if case .send = $0 { true } else { false } })
    }
}
