import StationCore
import StationTestSupport
import Testing

@testable import CloudLink

/// A frame of the cloud's, and what is sent because of it.
struct FrameCase: Sendable, CustomTestStringConvertible {
    let frame: String
    /// Whole texts, except that of errors only code and id count.
    let answers: [String]
    let testDescription: String

    init(_ name: String, _ frame: String, _ answers: String...) {
        self.testDescription = name
        self.frame = frame
        self.answers = answers
    }
}

@Suite("What the cloud is answered")
struct RPCFrameTests {
    static let single = [
        FrameCase("a call", #"{"jsonrpc":"2.0","id":1,"method":"echo","params":{"a":1}}"#, result("1", #"{"a":1}"#)),
        FrameCase("without a version", #"{"id":1,"method":"echo","params":[1]}"#, result("1", "[1]")),
        FrameCase("without params", #"{"id":1,"method":"echo"}"#, result("1", "null")),
        FrameCase("with params null", #"{"id":1,"method":"echo","params":null}"#, result("1", "null")),
        FrameCase("an id that is text", #"{"id":"é\n","method":"echo"}"#, result(#""é\n""#, "null")),
        FrameCase("an empty id", #"{"id":"","method":"echo"}"#, result(#""""#, "null")),
        FrameCase("an id that is null", #"{"id":null,"method":"echo"}"#, result("null", "null")),
        FrameCase("a negative id", #"{"id":-7,"method":"echo"}"#, result("-7", "null")),
        FrameCase("a fractional id", #"{"id":1.5,"method":"echo"}"#, result("1.5", "null")),
        FrameCase("members nobody knows", #"{"id":1,"method":"echo","x":[],"type":"y"}"#, result("1", "null")),
        FrameCase("blanks around", " \n{\"id\":1,\"method\":\"echo\"}\t", result("1", "null")),
        FrameCase("a refusal", #"{"id":1,"method":"refuse"}"#, error(-32602, "1")),
        FrameCase("a method and a result", #"{"id":1,"method":"echo","result":1}"#, result("1", "null")),
        FrameCase("a notification", #"{"jsonrpc":"2.0","method":"echo","params":{}}"#),
        FrameCase("a notification that is refused", #"{"method":"refuse"}"#),
        FrameCase("a notification nobody knows", #"{"method":"nothing"}"#),
        FrameCase("an unknown method", #"{"id":1,"method":"nothing"}"#, error(-32601, "1")),
        FrameCase("an unknown method in other case", #"{"id":1,"method":"Echo"}"#, error(-32601, "1")),
        FrameCase("no JSON", "hello", error(-32700, "null")),
        FrameCase("nothing", "", error(-32700, "null")),
        FrameCase("half a call", #"{"id":1,"method":"echo""#, error(-32700, "null")),
        FrameCase("two calls in a row", #"{"id":1,"method":"echo"}{"id":2,"method":"echo"}"#, error(-32700, "null")),
        FrameCase("a key twice", #"{"id":1,"id":2,"method":"echo"}"#, error(-32700, "null")),
        FrameCase("too deep", String(repeating: "[", count: 100_000), error(-32700, "null")),
        FrameCase("a number", "1", error(-32600, "null")),
        FrameCase("a text", #""echo""#, error(-32600, "null")),
        FrameCase("null", "null", error(-32600, "null")),
        FrameCase("an empty object", "{}", error(-32600, "null")),
        FrameCase("an id alone", #"{"id":1}"#, error(-32600, "1")),
        FrameCase("a method that is a number", #"{"id":1,"method":1}"#, error(-32600, "1")),
        FrameCase("a method that is null", #"{"id":1,"method":null}"#, error(-32600, "1")),
        FrameCase("an empty method", #"{"id":1,"method":""}"#, error(-32600, "1")),
        FrameCase("a method that is a number and no id", #"{"method":1}"#, error(-32600, "null")),
        FrameCase("an id that is an object", #"{"id":{},"method":"echo"}"#, error(-32600, "null")),
        FrameCase("an id that is an array", #"{"id":[1],"method":"echo"}"#, error(-32600, "null")),
        FrameCase("an id that is a boolean", #"{"id":true,"method":"echo"}"#, error(-32600, "null")),
        FrameCase("another version", #"{"jsonrpc":"1.0","id":1,"method":"echo"}"#, error(-32600, "1")),
        FrameCase("a version that is a number", #"{"jsonrpc":2.0,"id":1,"method":"echo"}"#, error(-32600, "1")),
        FrameCase("params that are text", #"{"id":1,"method":"echo","params":"a"}"#, error(-32600, "1")),
        FrameCase("params that are a number", #"{"id":1,"method":"echo","params":1}"#, error(-32600, "1")),
        FrameCase("params that are a boolean", #"{"id":1,"method":"nothing","params":false}"#, error(-32600, "1")),
    ]

    static let batches = [
        FrameCase("no element", "[]", error(-32600, "null")),
        FrameCase("one call", #"[{"id":1,"method":"echo"}]"#, "[\(result("1", "null"))]"),
        FrameCase(
            "calls, in their order", #"[{"id":2,"method":"echo"},{"id":1,"method":"refuse"},{"id":3,"method":"echo"}]"#,
            "[\(result("2", "null")),\(error(-32602, "1")),\(result("3", "null"))]"
        ),
        FrameCase("only notifications", #"[{"method":"echo"},{"method":"refuse"},{"method":"nothing"}]"#),
        FrameCase(
            "a notification between", #"[{"method":"echo"},{"id":1,"method":"echo"}]"#, "[\(result("1", "null"))]"
        ),
        FrameCase("nonsense", "[1]", "[\(error(-32600, "null"))]"),
        FrameCase(
            "nothing but nonsense", "[1,[],null]",
            "[\(error(-32600, "null")),\(error(-32600, "null")),\(error(-32600, "null"))]"
        ),
        FrameCase(
            "the example of the specification",
            #"""
            [{"jsonrpc":"2.0","method":"echo","params":[1,2,4],"id":"1"},
             {"jsonrpc":"2.0","method":"echo","params":[7]},
             {"jsonrpc":"2.0","method":"echo","params":[42,23],"id":"2"},
             {"foo":"boo"},
             {"jsonrpc":"2.0","method":"foo.get","params":{"name":"myself"},"id":"5"},
             {"jsonrpc":"2.0","method":"echo","id":"9"}]
            """#,
            "[\(result(#""1""#, "[1,2,4]")),\(result(#""2""#, "[42,23]")),\(error(-32600, "null")),"
                + "\(error(-32601, #""5""#)),\(result(#""9""#, "null"))]"
        ),
        FrameCase("a message about identity", #"[{"type":"identity_sync"}]"#, "[\(error(-32600, "null"))]"),
        FrameCase("answers to nothing", #"[{"id":9,"result":1},{"id":null,"error":{}}]"#),
        FrameCase(
            "the same id twice", #"[{"id":1,"method":"echo"},{"id":1,"method":"echo"}]"#,
            "[\(result("1", "null")),\(result("1", "null"))]"
        ),
        FrameCase("half a batch", #"[{"id":1,"method":"echo"},{"id""#, error(-32700, "null")),
    ]

    @Test("to a frame", arguments: Self.single)
    func frame(_ frame: FrameCase) throws {
        try Self.check(frame)
    }

    @Test("to a batch", arguments: Self.batches)
    func batch(_ frame: FrameCase) throws {
        try Self.check(frame)
    }

    private static func check(_ frame: FrameCase) throws {
        var desk = FrameDesk()
        let sent = try desk.receive(frame.frame).map { Self.bare(try JSONValue.parse($0)) }
        let wanted = try frame.answers.map { Self.bare(try JSONValue.parse($0)) }
        #expect(sent == wanted)
        #expect(desk.core.callCount == 0)
    }

    @Test("is its call, and a frame of this many elements and no more", arguments: [1, 256, 257, 5000])
    func batchLimit(count: Int) throws {
        var desk = FrameDesk()
        let frame = "[" + Array(repeating: "1", count: count).joined(separator: ",") + "]"
        let sent = try desk.receive(frame).map { try JSONValue.parse($0) }
        #expect(sent.count == 1)
        #expect(sent.first?.arrayValue?.count == (count <= 256 ? count : nil))
    }

    @Test("is never anything that is answered in turn: two stations would talk for ever", arguments: Self.single)
    func noEcho(_ frame: FrameCase) throws {
        var (one, other) = (FrameDesk(), FrameDesk())
        for answer in one.receive(frame.frame) {
            #expect(other.receive(answer) == [])
        }
    }

    @Test("is always JSON-RPC, whatever comes")
    func noise() throws {
        var random = RepeatableRandom(seed: 7)
        let seeds = (Self.single + Self.batches).map(\.frame)
        for _ in 0..<20_000 {
            var bytes = Array(random.pick(seeds).utf8.prefix(400))
            for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
                let index = Int.random(in: bytes.indices, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[index] = random.pick(Array(#"{}[]",:01enull"#.utf8))
                case 1: bytes.remove(at: index)
                default: bytes.insert(contentsOf: bytes[index...].prefix(8), at: index)
                }
            }
            var desk = FrameDesk()
            for answer in desk.receive(String(decoding: bytes, as: UTF8.self)) {
                let json = try JSONValue.parse(answer)
                let answers = json.arrayValue ?? [json]
                #expect(answers.allSatisfy { $0.objectValue?["jsonrpc"] == "2.0" && $0.objectValue?["id"] != nil })
            }
            #expect(desk.core.callCount == 0)
        }
    }

    // MARK: Words

    private static func result(_ id: String, _ result: String) -> String {
        #"{"jsonrpc":"2.0","id":\#(id),"result":\#(result)}"#
    }

    private static func error(_ code: Int, _ id: String) -> String {
        #"{"jsonrpc":"2.0","id":\#(id),"error":{"code":\#(code),"message":""}}"#
    }

    /// Without the words of errors.
    private static func bare(_ json: JSONValue) -> JSONValue {
        if let elements = json.arrayValue { return .array(elements.map(Self.bare)) }
        guard var object = json.objectValue, var error = object["error"]?.objectValue else { return json }
        #expect(error["message"]?.stringValue != nil)
        error["message"] = ""
        error["data"] = nil
        object["error"] = .object(error)
        return .object(object)
    }
}

/// The core with two methods that are done at once: `echo` gives its params back, `refuse` does not like them.
struct FrameDesk {
    var core = JSONRPCCore(methods: ["echo", "refuse"])

    mutating func receive(_ frame: String) -> [String] {
        var sent: [String] = []
        for action in self.core.receive(frame) {
            switch action {
            case .send(let text): sent.append(text)
            case .serve(let call):
                let outcome: Result<JSONValue, JSONRPCError> =
                    call.method == "echo" ? .success(call.params ?? .null) : .failure(.invalidParams("no"))
                if let text = self.core.finish(call.ticket, with: outcome) { sent.append(text) }
                self.core.leave(call.ticket)
            case .answered, .uncalled, .legacy, .dropped: break
            }
        }
        return sent
    }
}
