import NIOCore
import StationSocket
import Testing

@Suite("The opening handshake")
struct HandshakeTests {
    private static let key = "dGhlIHNhbXBsZSBub25jZQ=="

    private static let request = [
        "upgrade": ["websocket"], "connection": ["Upgrade"], "sec-websocket-version": ["13"],
        "sec-websocket-key": [key],
    ]

    /// A request that differs in some fields.
    private static func accept(
        _ changes: [String: [String]], method: String = "GET", version: String? = "HTTP/1.1"
    ) throws(SocketRefusal) -> [(name: String, value: String)] {
        let fields = self.request.merging(changes) { $1 }
        return try SocketHandshake.accept(method: method, httpVersion: version) { fields[$0] ?? [] }
    }

    @Test("The RFC's own example is answered as the RFC says")
    func example() throws {
        let fields = try Self.accept([:])
        #expect(fields.map(\.name) == ["Upgrade", "Connection", "Sec-WebSocket-Accept"])
        #expect(fields.map(\.value) == ["websocket", "Upgrade", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="])
    }

    @Test(
        "Lists, case and repeated fields are understood",
        arguments: [
            ["connection": ["keep-alive, Upgrade"]], ["connection": ["keep-alive", "\tUPGRADE "]],
            ["upgrade": ["h2c, WebSocket"]],
        ]
    )
    func lists(_ changes: [String: [String]]) throws {
        _ = try Self.accept(changes)
    }

    @Test(
        "What is no opening request is refused with the reason",
        arguments: [
            (["upgrade": []], SocketRefusal.notUpgrade(field: "Upgrade"), 426),
            (["upgrade": ["h2c"]], .notUpgrade(field: "Upgrade"), 426),
            (["upgrade": ["websockets"]], .notUpgrade(field: "Upgrade"), 426),
            (["connection": []], .notUpgrade(field: "Connection"), 426),
            (["connection": ["keep-alive"]], .notUpgrade(field: "Connection"), 426),
            (["sec-websocket-version": []], .version(""), 426),
            (["sec-websocket-version": ["8"]], .version("8"), 426),
            (["sec-websocket-version": ["13", "13"]], .version("13, 13"), 426),
            (["sec-websocket-key": []], .key, 400),
            (["sec-websocket-key": [key, key]], .key, 400),
            (["sec-websocket-key": ["dGhlIHNhbXBsZSBub25j"]], .key, 400),
            (["sec-websocket-key": ["dGhlIHNhbXBsZSBub25jZQ"]], .key, 400),
            (["sec-websocket-key": ["dGhlIHNhbXBsZSBub25jZSE="]], .key, 400),
            (["sec-websocket-key": ["dGhlIHNhbXBsZSBub25j!Q=="]], .key, 400),
            (["sec-websocket-key": ["dGhlIHNhbXBs ZSBub25jZQ="]], .key, 400),
        ] as [([String: [String]], SocketRefusal, Int)]
    )
    func refusals(_ changes: [String: [String]], _ refusal: SocketRefusal, _ status: Int) {
        #expect(throws: refusal) { _ = try Self.accept(changes) }
        #expect(refusal.status == status)
        #expect(!refusal.description.isEmpty)
    }

    @Test("Other methods and older HTTP are refused, and the answer says what would do")
    func methodAndVersion() {
        #expect(throws: SocketRefusal.method("POST")) { _ = try Self.accept([:], method: "POST") }
        #expect(throws: SocketRefusal.httpVersion("HTTP/1.0")) { _ = try Self.accept([:], version: "HTTP/1.0") }
        #expect(SocketRefusal.method("POST").fields.map(\.value) == ["GET"])
        #expect(SocketRefusal.version("8").fields.map(\.name) == ["Upgrade", "Sec-WebSocket-Version"])
    }

    @Test("Keys are random")
    func keys() {
        let keys = (0..<100).map { _ in SocketKey.random().text }
        #expect(Set(keys).count == 100)
        #expect(keys.allSatisfy { SocketKey($0) != nil })
    }

    @Test("A head is taken out of its bytes, and what follows it stays")
    func head() throws {
        var bytes = ByteBuffer(string: "GET /ws HTTP/1.1\r\nHost: a\r\nX-Y:\t b: c \r\nhost:d\r\n\r\n\u{1}rest")
        let head = try #require(try HTTPHead.take(from: &bytes, limit: 100))
        #expect(head.firstLine == "GET /ws HTTP/1.1")
        #expect(head.values("host") == ["a", "d"])
        #expect(head.values("x-y") == ["b: c"])
        #expect(String(buffer: bytes) == "\u{1}rest")
    }

    @Test("Half a head is left where it is, one that is too long or malformed is refused")
    func badHead() throws {
        var half = ByteBuffer(string: "HTTP/1.1 101 OK\r\nA: b\r\n\r")
        #expect(try HTTPHead.take(from: &half, limit: 100) == nil)
        #expect(half.readableBytes == 24)
        var long = ByteBuffer(string: "HTTP/1.1 101 OK\r\nA: b\r\n\r\n")
        #expect(throws: HTTPHeadError.tooLong(limit: 24)) { _ = try HTTPHead.take(from: &long, limit: 24) }
        for line in ["no colon", ": no name", "bad name: x", "folded :x", "a\u{0}: x"] {
            var bytes = ByteBuffer(string: "HTTP/1.1 101 OK\r\n\(line)\r\n\r\n")
            #expect(throws: HTTPHeadError.malformed(line: line)) {
                _ = try HTTPHead.take(from: &bytes, limit: 100)
            }
        }
    }

    @Test("A request that would not stay where it is put cannot be made")
    func badRequest() throws {
        typealias Fields = [(name: String, value: String)]
        let make = { (host: String, path: String, fields: Fields) throws in
            _ = try SocketRequest(host: host, port: 80, path: path, fields: fields)
        }
        try make("::1", "/ws?a=b%20c", [("Authorization", "Bearer x"), ("X-Empty", "")])
        #expect(throws: SocketClientError.self) { try make("a b", "/", []) }
        #expect(throws: SocketClientError.self) { try make("", "/", []) }
        #expect(throws: SocketClientError.self) { try make("a", "ws", []) }
        #expect(throws: SocketClientError.self) { try make("a", "/ HTTP/1.1\r\nX: y", []) }
        #expect(throws: SocketClientError.self) { try make("a", "/", [("X", "secret\r\nY: z")]) }
        #expect(throws: SocketClientError.self) { try make("a", "/", [("X Y", "z")]) }
        for name in ["Host", "upgrade", "Connection", "Sec-WebSocket-Key", "Content-Length"] {
            #expect(throws: SocketClientError.self) { try make("a", "/", [(name, "z")]) }
        }
        #expect(throws: SocketClientError.self) { _ = try SocketRequest(host: "a", port: 70_000) }
    }

    @Test("A value that may be secret is not repeated in the error")
    func secretValue() {
        let error = #expect(throws: SocketClientError.self) {
            _ = try SocketRequest(host: "a", port: 80, fields: [("Authorization", "Bearer s3cret\n")])
        }
        #expect(error?.description.contains("s3cret") == false)
        #expect(error?.description.contains("Authorization") == true)
    }
}
