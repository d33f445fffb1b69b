/// The opening handshake: an HTTP request that becomes a WebSocket (RFC 6455, 4).
public enum SocketHandshake {
    /// The one version that there is.
    public static let version = "13"

    /// Checks a request to open a WebSocket.
    ///
    /// - Parameters:
    ///   - httpVersion: Such as `HTTP/1.1`; nil where the HTTP library has checked it.
    ///   - values: The values of a header field whose name is given in lower case, one for each time that it is there.
    /// - Returns: The header fields of the 101 answer. No extension and no sub-protocol is agreed upon.
    /// - Throws: `SocketRefusal`.
    public static func accept(
        method: String, httpVersion: String?, values: (String) -> [String]
    ) throws(SocketRefusal) -> [(name: String, value: String)] {
        guard method == "GET" else { throw .method(method) }
        if let httpVersion, httpVersion != "HTTP/1.1" { throw .httpVersion(httpVersion) }
        guard self.names(values("upgrade"), "websocket") else { throw .notUpgrade(field: "Upgrade") }
        guard self.names(values("connection"), "upgrade") else { throw .notUpgrade(field: "Connection") }
        let versions = values("sec-websocket-version")
        guard versions == [self.version] else { throw .version(versions.joined(separator: ", ")) }
        let keys = values("sec-websocket-key")
        guard keys.count == 1, let key = SocketKey(keys[0]) else { throw .key }
        return [
            ("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Accept", key.accept),
        ]
    }

    /// Checks a server's answer to a request with `key` that offered no extension and no sub-protocol.
    ///
    /// - Returns: What is wrong with it; nil if nothing is.
    static func fault(in answer: HTTPHead, to key: SocketKey) -> String? {
        if !self.names(answer.values("upgrade"), "websocket") { return "Upgrade does not name websocket" }
        if !self.names(answer.values("connection"), "upgrade") { return "Connection does not name upgrade" }
        if answer.values("sec-websocket-accept") != [key.accept] { return "Sec-WebSocket-Accept is wrong" }
        for field in ["sec-websocket-extensions", "sec-websocket-protocol"] where !answer.values(field).isEmpty {
            return "\(field) was not asked for"
        }
        return nil
    }

    /// Whether a list of tokens holds this one, given in lower case.
    private static func names(_ values: [String], _ token: String) -> Bool {
        values.contains { value in
            value.split(separator: ",").contains { element in
                element.lowercased().utf8.filter { $0 != 0x20 && $0 != 0x09 }.elementsEqual(token.utf8)
            }
        }
    }
}
