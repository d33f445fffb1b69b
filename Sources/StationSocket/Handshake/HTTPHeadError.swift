/// Why bytes are no head of an HTTP message.
public enum HTTPHeadError: Error, Sendable, Hashable {
    case tooLong(limit: Int)
    /// A line that is no header field.
    case malformed(line: String)
}

extension HTTPHeadError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .tooLong(let limit): "the HTTP head is longer than \(limit) bytes"
        case .malformed(let line): "“\(line)” is no HTTP header field"
        }
    }
}
