import MQTTTransport

/// Why commands to the broker's dynamic-security plugin came to nothing.
enum BrokerControlError: Error, Sendable, Hashable, CustomStringConvertible {
    /// No answer in time. Without any answer so far, the broker has no such plugin, or does not let us use it.
    case unanswered
    /// The answer is none.
    case malformed(String)
    /// A command was refused, in the broker's words.
    case refused(command: String, reason: String)
    case connection(MQTTError)

    var description: String {
        switch self {
        case .unanswered: "the broker did not answer a command in time"
        case .malformed(let detail): "the broker's answer is not understood: \(detail)"
        case .refused(let command, let reason): "the broker refused \(command): \(reason)"
        case .connection(let error): error.description
        }
    }
}
