public import NIOCore

/// The first line and the header fields of an HTTP/1.1 message, as far as an opening handshake needs them.
public struct HTTPHead: Sendable, Hashable {
    public struct Field: Sendable, Hashable {
        /// As it came; compare it without regard to case.
        public let name: String
        public let value: String
    }

    /// Such as `GET /ws HTTP/1.1` or `HTTP/1.1 101 Switching Protocols`.
    public let firstLine: String
    public let fields: [Field]

    /// The values of a field whose name is given in lower case, one for each time that it is there.
    public func values(_ name: String) -> [String] {
        self.fields.filter { $0.name.lowercased() == name }.map(\.value)
    }

    /// Takes a head out of the buffer; what follows it stays there.
    ///
    /// - Parameter limit: In bytes.
    /// - Returns: nil when it is not there as a whole; then the buffer stays as it is.
    /// - Throws: `HTTPHeadError`.
    public static func take(from buffer: inout ByteBuffer, limit: Int) throws(HTTPHeadError) -> HTTPHead? {
        let bytes = buffer.readableBytesView.prefix(limit)
        guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8))?.lowerBound else {
            guard bytes.count < limit else { throw .tooLong(limit: limit) }
            return nil
        }
        let size = end - bytes.startIndex
        let head = buffer.readString(length: size) ?? ""
        buffer.moveReaderIndex(forwardBy: 4)
        return try HTTPHead(head)
    }

    private init(_ head: String) throws(HTTPHeadError) {
        var fields: [Field] = []
        let lines = head.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for line in lines.dropFirst() { fields.append(try Self.field(line)) }
        self.firstLine = Self.trimmed(lines[0])
        self.fields = fields
    }

    private static func field(_ line: Substring.UTF8View) throws(HTTPHeadError) -> Field {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), HTTPToken.isToken(line[..<colon]) else {
            throw .malformed(line: self.trimmed(line.prefix(80)))
        }
        return Field(name: String(Substring(line[..<colon])), value: self.trimmed(line[line.index(after: colon)...]))
    }

    private static func trimmed(_ text: Substring.UTF8View) -> String {
        var text = text
        let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 || byte == 0x0D }
        while let first = text.first, isBlank(first) { text.removeFirst() }
        while let last = text.last, isBlank(last) { text.removeLast() }
        return String(Substring(text))
    }
}
