internal import Glibc

/// The loop cannot do what it was asked to.
public enum LoopError: Error, Hashable, CustomStringConvertible {
    /// The kernel refused `call` with `code` (an errno value).
    case system(call: String, code: Int32)
    /// The loop was stopped before.
    case stopped

    init(call: String) {
        self = .system(call: call, code: errno)
    }

    public var description: String {
        switch self {
        case .system(let call, let code): "\(call) failed: \(String(cString: strerror(code)))"
        case .stopped: "the loop was stopped"
        }
    }
}
