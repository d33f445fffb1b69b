/// One thing that somebody with bad intentions, or a bad program, sends to the station's port.
enum HostileCase: Sendable {
    /// Well-formed HTTP with content that may be anything, so the connection can go on and there must be an answer.
    case request(HostileRequest)
    /// Bytes that may be HTTP; the station answers or closes.
    case raw([UInt8])
    /// The beginning of a request of which the rest never comes.
    case abandoned([UInt8])

    /// Whether the station may take it for somebody who guesses passwords or tokens.
    var mayBeGuess: Bool {
        guard case .request(let request) = self else { return true }
        return request.target.hasPrefix("/api/auth/")
    }
}

/// A request whose framing is right.
struct HostileRequest: Sendable {
    var method: String
    var target: String
    var fields: [(name: String, value: String)] = []
    var body: [UInt8]?

    /// Everything up to the body.
    func head(port: Int) -> [UInt8] {
        var head = "\(self.method) \(self.target) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n"
        for field in self.fields { head += "\(field.name): \(field.value)\r\n" }
        if let body { head += "Content-Length: \(body.count)\r\n" }
        return Array("\(head)\r\n".utf8)
    }
}

extension HostileRequest: CustomStringConvertible {
    /// Enough to find the request again; never its tokens.
    var description: String {
        let body = self.body.map { String(decoding: $0.prefix(200), as: UTF8.self) } ?? "no body"
        return "\(self.method) \(self.target.prefix(200)) \(body)"
    }
}
