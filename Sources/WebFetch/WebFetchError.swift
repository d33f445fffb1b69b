/// Why nothing was fetched.
public enum WebFetchError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The address is none of the web, or not well formed.
    case invalidURL
    /// The server answered, but not with 200.
    case status(Int)
    /// The body has more bytes than that.
    case tooLarge(limit: Int)
    /// Three redirections did not lead to the end.
    case tooManyRedirections
    /// It did not come within the time.
    case timedOut
    /// The calling task was cancelled.
    case cancelled
    /// Name service, connection, TLS or a broken answer, in the words of libcurl.
    case failed(String)

    public var description: String {
        switch self {
        case .invalidURL: "the address is not a web address (https:// or http://)"
        case .status(let status): "the web server answered \(status) rather than 200"
        case .tooLarge(let limit): "the web server sends more than \(limit) bytes"
        case .tooManyRedirections: "the web server redirects too often"
        case .timedOut: "the web server did not answer in time"
        case .cancelled: "called off"
        case .failed(let detail): detail
        }
    }
}
