/// How a transfer ended.
public struct CurlEnding: Sendable, Hashable {
    /// `nil` when all went well.
    public let fault: CurlFault?
    /// The server's last answer, a status of HTTP or a reply code of SMTP; 0 for none.
    public let answer: Int
}
