/// Why a call to the peer has no result.
enum JSONRPCCallError: Error, Sendable, Hashable, CustomStringConvertible {
    case refused(JSONRPCError)
    /// No answer came in time.
    case timedOut
    /// As many calls wait for their answers already.
    case tooMany
    /// The link ended, or the caller gave up.
    case closed

    var description: String {
        switch self {
        case .refused(let error): "the cloud refused it: \(error)"
        case .timedOut: "the cloud did not answer in time"
        case .tooMany: "too many calls wait for the cloud's answers"
        case .closed: "the link to the cloud ended before the answer came"
        }
    }
}
