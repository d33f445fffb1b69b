import Testing

/// Bytes that no well-meaning client sends, and what becomes of them.
struct RawCase: Sendable, CustomTestStringConvertible {
    /// The statuses of all answers, in their order; then the connection ends.
    let statuses: [Int]
    let name: String
    let bytes: [UInt8]

    /// What a smuggler wants to have executed.
    static let smuggled = "GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"
    private static let post = "POST /api/devices HTTP/1.1\r\nHost: localhost\r\n"
    private static let get = "GET /health HTTP/1.1\r\nHost: localhost\r\n"

    init(_ statuses: Int..., name: String, _ text: String) {
        self.statuses = statuses
        self.name = name
        self.bytes = Array(text.utf8)
    }

    var testDescription: String { self.name }

    // MARK: Where a message ends

    /// The end of the body can be read in two ways, or in none.
    static let framing: [RawCase] = [
        RawCase(400, name: "two lengths", post + "Content-Length: 5\r\nContent-Length: 0\r\n\r\nhello" + smuggled),
        RawCase(400, name: "two equal lengths", post + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello"),
        RawCase(400, name: "a list of lengths", post + "Content-Length: 5, 5\r\n\r\nhello" + smuggled),
        RawCase(400, name: "a length with a sign", post + "Content-Length: +5\r\n\r\nhello"),
        RawCase(400, name: "a negative length", post + "Content-Length: -1\r\n\r\n" + smuggled),
        RawCase(400, name: "a hexadecimal length", post + "Content-Length: 0x5\r\n\r\nhello"),
        RawCase(400, name: "a length with a fraction", post + "Content-Length: 5.0\r\n\r\nhello"),
        RawCase(400, name: "a length with a blank in it", post + "Content-Length: 1 0\r\n\r\nhelloworld"),
        RawCase(400, name: "a length beyond all numbers", post + "Content-Length: 18446744073709551621\r\n\r\nhello"),
        RawCase(400, name: "an empty length", post + "Content-Length:\r\n\r\n" + smuggled),
        RawCase(400, name: "a length of letters", post + "Content-Length: five\r\n\r\nhello"),
        RawCase(400, name: "a blank before the colon of a length", post + "Content-Length : 5\r\n\r\nhello"),
        RawCase(
            400, name: "length and chunks", post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        RawCase(
            400, name: "chunks and length", post + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"),
        RawCase(
            400, name: "chunks that are not last", post + "Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n" + smuggled
        ),
        RawCase(400, name: "an unknown coding", post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + smuggled),
        RawCase(400, name: "identity", post + "Transfer-Encoding: identity\r\n\r\n" + smuggled),
        RawCase(400, name: "an empty coding", post + "Transfer-Encoding:\r\n\r\n" + smuggled),
        RawCase(400, name: "a quoted coding", post + "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n"),
        RawCase(400, name: "a folded coding", post + "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n"),
        RawCase(
            400, name: "chunks with a vertical tab",
            post + "Transfer-Encoding: \u{b}chunked\r\n\r\n0\r\n\r\n" + smuggled),
        RawCase(
            400, name: "a blank before the colon of a coding", post + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n"),
        RawCase(
            400, name: "chunks in HTTP/1.0",
            "POST /api/devices HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + smuggled),
        RawCase(
            400, name: "chunks in HTTP/1.0 that is kept",
            "POST /api/devices HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\n"
                + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + smuggled),
    ]

    /// The head is right; the body is not. The answer to the head stands, and nothing comes after it.
    static let chunks: [RawCase] = [
        RawCase(
            401, name: "a size that is no number", post + "Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n"),
        RawCase(401, name: "a size with a sign", post + "Transfer-Encoding: chunked\r\n\r\n-1\r\nhello\r\n0\r\n\r\n"),
        RawCase(
            401, name: "a size with a prefix", post + "Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n"),
        RawCase(
            401, name: "a size beyond all numbers",
            post + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nhello\r\n0\r\n\r\n" + smuggled),
        RawCase(
            401, name: "an empty size", post + "Transfer-Encoding: chunked\r\n\r\n\r\nhello\r\n0\r\n\r\n" + smuggled),
        RawCase(401, name: "more than its size", post + "Transfer-Encoding: chunked\r\n\r\n2\r\nhello\r\n0\r\n\r\n"),
        RawCase(401, name: "less than its size", post + "Transfer-Encoding: chunked\r\n\r\n9\r\nhello\r\n0\r\n\r\n"),
        RawCase(401, name: "a bare line feed", post + "Transfer-Encoding: chunked\r\n\r\n5\nhello\n0\n\n" + smuggled),
        RawCase(401, name: "no last chunk", post + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"),
        RawCase(401, name: "a body that is cut short", post + "Content-Length: 50\r\n\r\nhello"),
        RawCase(
            405, name: "a broken body of a wrong method",
            "PUT /health HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n" + smuggled),
    ]

    // MARK: Heads

    static let heads: [RawCase] = [
        RawCase(400, name: "TLS", "\u{16}\u{3}\u{1}\u{0}\u{c4}\u{1}\u{0}\u{0}"),
        RawCase(400, name: "SSH", "SSH-2.0-OpenSSH_9.2\r\n"),
        RawCase(400, name: "HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        RawCase(400, name: "HTTP/0.9", "GET /health\r\n\r\n"),
        RawCase(400, name: "a version of 0.9", "GET /health HTTP/0.9\r\nHost: localhost\r\n\r\n"),
        RawCase(400, name: "a version of 1.2", "GET /health HTTP/1.2\r\nHost: localhost\r\n\r\n"),
        RawCase(400, name: "a version of 2.0", "GET /health HTTP/2.0\r\nHost: localhost\r\n\r\n"),
        RawCase(400, name: "a version of many digits", "GET /health HTTP/1.10\r\nHost: localhost\r\n\r\n"),
        RawCase(400, name: "a version in small letters", "GET /health http/1.1\r\nHost: localhost\r\n\r\n"),
        RawCase(400, name: "no version", "GET /health HTTP/\r\nHost: localhost\r\n\r\n"),
        // RFC 9112, 3: a server may take several blanks for one.
        RawCase(200, name: "two blanks", "GET  /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"),
        RawCase(400, name: "an address beyond ASCII", "GET /\u{e9} HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        RawCase(
            400, name: "an address without a slash",
            "GET health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"),
        RawCase(400, name: "the whole server", "OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"),
        RawCase(400, name: "a tunnel", "CONNECT localhost:22 HTTP/1.1\r\nHost: localhost\r\n\r\n" + smuggled),
        RawCase(405, name: "an echo", "TRACE /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"),
        RawCase(400, name: "a tab", "GET\t/health\tHTTP/1.1\r\nHost: localhost\r\n\r\n"),
        RawCase(400, name: "a blank in the address", "GET /hea lth HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        RawCase(400, name: "no address", "GET HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        RawCase(400, name: "an unknown method", "FETCH /health HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        RawCase(400, name: "a method with a colon", "GE:T /health HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        RawCase(400, name: "a NUL in the method", "GE\0T /health HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        RawCase(400, name: "a NUL in the address", "GET /hea\0lth HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        RawCase(400, name: "a NUL in a field", get + "X-A: b\0c\r\n\r\n"),
        RawCase(400, name: "a NUL in a name", get + "X\0A: b\r\n\r\n"),
        RawCase(400, name: "a field without a colon", get + "X-A\r\n\r\n"),
        RawCase(400, name: "a field without a name", get + ": b\r\n\r\n"),
        RawCase(400, name: "a name with a blank", get + "X A: b\r\n\r\n"),
        RawCase(400, name: "a name in brackets", get + "X(A): b\r\n\r\n"),
        RawCase(400, name: "a folded field", get + "X-A: b\r\n c\r\n\r\n"),
        RawCase(400, name: "a blank before the first field", "GET /health HTTP/1.1\r\n Host: localhost\r\n\r\n"),
        RawCase(400, name: "a bare carriage return", get + "X-A: b\rX-B: c\r\n\r\n"),
        RawCase(431, name: "a long field", get + "X-A: \(String(repeating: "a", count: 17_000))\r\n\r\n"),
        RawCase(431, name: "many fields", get + (0..<200).map { "X-\($0): b\r\n" }.joined() + "\r\n"),
        RawCase(431, name: "a field without an end", get + "X-A: \(String(repeating: "a", count: 200_000))"),
        RawCase(400, name: "two hosts", get + "Host: evil.example\r\nConnection: close\r\n\r\n"),
    ]

    /// Of these nothing comes.
    static let unfinished: [RawCase] = [
        RawCase(name: "a head without an end", get + "X-A: b\r\n"),
        RawCase(name: "nothing", ""),
        RawCase(name: "empty lines", "\r\n\r\n\r\n"),
    ]

    // MARK: Paths

    static let paths: [RawCase] = [
        "/../health", "/api/../health", "/./health", "/%2e%2e/health", "/api/..%2fhealth", "/health%00",
        "/health%00.png", "/health%2f", "/%68ealth", "/health;a=b", "/health/..", "/api/devices%2f..%2fx",
        "/%ff%fe", "/%", "/..%5c..%5cetc%5cpasswd", "//etc/passwd", "/health\\..",
        "/\(String(repeating: "a", count: 8000))",
    ].map { RawCase(404, name: $0, "GET \($0) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n") }
}
