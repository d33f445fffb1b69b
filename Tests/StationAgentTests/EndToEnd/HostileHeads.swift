import StationCore
import StationTestSupport

/// Request lines and header fields that no good client sends.
enum HostileHeads {
    private static let lines = [
        "GET / HTTP/1.0", "GET / HTTP/2.0", "GET / HTTP/9.9", "GET /", "GET", "", " ", "GET  /  HTTP/1.1",
        "get / HTTP/1.1", "G\u{0}T / HTTP/1.1", "PRI * HTTP/2.0", "CONNECT evil.example:443 HTTP/1.1",
        "OPTIONS * HTTP/1.1",
        "TRACE /api/health HTTP/1.1", "BREW /coffee HTTP/1.1", "GET http://evil.example/ HTTP/1.1", "GET /\tx HTTP/1.1",
        "GET ftp://[::1 HTTP/1.1", "GET // HTTP/1.1", "GET ? HTTP/1.1", "GET #x HTTP/1.1", "GET /é HTTP/1.1",
        "GET / HTTP/1.1 HTTP/1.1", "GET / http/1.1", "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}", "SSH-2.0-x",
        String(repeating: "A", count: 5000), "GET /\(String(repeating: "a", count: 70_000)) HTTP/1.1",
    ]
    private static let fields = [
        "Host: ", "Host: a b", "Host: evil.example", "Host: 127.0.0.1\r\nHost: 127.0.0.1", "Host: [::1", "Host: @",
        "Host: 127.0.0.1:99999", "Host: \u{0}", "Content-Length: -1", "Content-Length: +1", "Content-Length: x",
        "Content-Length: 99999999999999999999", "Content-Length: 1\r\nContent-Length: 2", "Content-Length: 1, 1",
        "Content-Length: 999999999", "Content-Length: 0x10", "Transfer-Encoding: gzip", "Transfer-Encoding: chunked, x",
        "Transfer-Encoding: chunked\r\nContent-Length: 3", "Transfer-Encoding: \u{b}chunked",
        "Transfer-Encoding: chunked",
        "Expect: x", "Expect: 100-continue", " folded: x", "Name : x", ": x", "no colon", "Näme: x", "A: \u{1}",
        "A: b\rc", "A: b\nc", "Authorization: Bearer ", "Authorization: \u{ff}", "Authorization: Basic Og==",
        "Authorization: Bearer \(String(repeating: "a", count: 10_000))",
        "Cookie: \(String(repeating: "c", count: 20_000))",
        "Origin: null", "Origin: ://", "Origin: http://127.0.0.1",
        "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings",
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: =",
        "Connection: close, keep-alive", "Connection: \u{7f}", "Accept: */*;q=x", "Accept-Encoding: ,;=",
        "Range: bytes=5-1,-9,99999999999999999999-", "If-None-Match: \"", "If-Modified-Since: yesterday",
        "X-Forwarded-For: 1.2.3.4", "X-Device-Token: \u{0}", "X-Device-Token: a\r\nX-Device-Token: b",
        (0..<200).map { "X-\($0): x" }.joined(separator: "\r\n"), "\(String(repeating: "N", count: 20_000)): x",
    ]
    private static let targets = [
        "%00", "..", "%2e%2e", "..%2f..%2fetc%2fpasswd", "%2F", "%2f%2f", "%5c..%5c", ".", ";x=1", "%", "%z", "%c0%ae",
        "%ff", "%F0%9F%92%A1", "%0d%0aX: y", "\u{1}", "\u{7f}", "é", "a b", "*", "<x>", "{id}", "|", "\\..\\", "~", "@",
        "%252e%252e%252f", "-1", "0", "null", "undefined", "99999999999999999999999999", "01890000-0000-7000-8000",
        "01890000-0000-7000-8000-00000000000Z", String(repeating: "a", count: 3000),
        String(repeating: "/..", count: 500),
        String(repeating: "%00", count: 200), "?" + String(repeating: "a=b&", count: 2000),
    ]
    private static let chunks = [
        "0\r\n\r\n", "5\r\nhello\r\n0\r\n\r\n", "x\r\n", "-1\r\n\r\n", "ffffffffffffffffff\r\n",
        "1;\u{0}=x\r\na\r\n0\r\n\r\n",
        "5\r\nhel", "1\r\nab\r\n0\r\n\r\n", "0\r\nA: b\r\n\r\n",
    ]

    /// A bad request line or a bad field, and sometimes chunks as bad.
    static func head(_ random: inout RepeatableRandom, _ route: HostileRoute) -> [UInt8] {
        let isLine = random.once(in: 4)
        var head = isLine ? random.pick(Self.lines) : "\(route.method) \(route.target) HTTP/1.1"
        let fields = [random.pick(Self.fields)] + (random.once(in: 3) ? [random.pick(Self.fields)] : [])
        if !fields.contains(where: { $0.hasPrefix("Host") }), !random.once(in: 10) { head += "\r\nHost: localhost" }
        for field in route.fields { head += "\r\n\(field.name): \(field.value)" }
        if !isLine { head += "\r\n" + fields.joined(separator: "\r\n") }
        return Array("\(head)\r\n\r\n".utf8) + Array((random.once(in: 3) ? random.pick(Self.chunks) : "").utf8)
    }

    /// A good head but for the target.
    static func target(_ random: inout RepeatableRandom, _ route: HostileRoute) -> [UInt8] {
        var parts = route.target.split(separator: "/").map(String.init)
        let index = Int.random(in: 0...parts.count, using: &random)
        if index < parts.count, random.once(in: 2) {
            parts[index] = random.pick(Self.targets)
        } else {
            parts.insert(random.pick(Self.targets), at: index)
        }
        var head = "\(route.method) /\(parts.joined(separator: "/")) HTTP/1.1\r\nHost: localhost\r\n"
        for field in route.fields { head += "\(field.name): \(field.value)\r\n" }
        return Array("\(head)Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}".utf8)
    }
}
