/// Why a connection, a message or a subscription came to nothing.
public enum MQTTError: Error, Sendable, Hashable {
    /// Nobody listens on the port (TCP connection refused).
    case refused(endpoint: String)
    /// No way to the host, or its name is unknown.
    case unreachable(endpoint: String, detail: String)
    /// Something did not come in time; `what` names it and the limit.
    case timedOut(what: String)
    /// The broker answered and does not want us: MQTT 3.1.1 return code 1–5.
    case rejected(code: Int, reason: String)
    /// TLS could not be agreed upon, or a certificate is not to be trusted.
    case tls(detail: String)
    /// The peer does not speak MQTT.
    case malformed(detail: String)
    /// The connection broke.
    case lost(detail: String)
    /// The connection was closed by us.
    case closed
    /// The waiting task was cancelled. A message may have been sent all the same.
    case cancelled
    /// A topic or filter that MQTT does not allow.
    case invalidTopic(String)
    /// An option that the library does not accept.
    case invalidOption(String)
    /// The broker does not let us subscribe.
    case subscriptionRefused(filter: String)
    /// A payload of more bytes than MQTT can carry.
    case tooLarge(bytes: Int)
    /// As many messages as allowed are on their way.
    case full(limit: Int)

    /// Whether the same attempt, made later, may well succeed without anybody changing a setting.
    public var isRetriable: Bool {
        switch self {
        case .refused, .unreachable, .timedOut, .lost, .full: true
        case .rejected(let code, _): code == 3
        case .tls, .malformed, .closed, .cancelled, .invalidTopic, .invalidOption, .subscriptionRefused, .tooLarge:
            false
        }
    }

    /// Whether this is a TCP connection refused: the host is there, the broker is not.
    public var isConnectionRefused: Bool {
        if case .refused = self { true } else { false }
    }
}

extension MQTTError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .refused(let endpoint): "nobody listens on \(endpoint)"
        case .unreachable(let endpoint, let detail): "\(endpoint) cannot be reached: \(detail)"
        case .timedOut(let what): what
        case .rejected(let code, let reason): "the broker refused the connection: \(reason) (code \(code))"
        case .tls(let detail): "no TLS connection to the broker: \(detail)"
        case .malformed(let detail): "the peer does not speak MQTT: \(detail)"
        case .lost(let detail): "the connection to the broker was lost: \(detail)"
        case .closed: "the connection to the broker was closed"
        case .cancelled: "the wait was cancelled"
        case .invalidTopic(let topic): "“\(topic)” is no valid MQTT topic"
        case .invalidOption(let detail): "the connection cannot be set up: \(detail)"
        case .subscriptionRefused(let filter): "the broker refused the subscription to “\(filter)”"
        case .tooLarge(let bytes): "a payload of \(bytes) bytes is more than MQTT can carry (256 MiB)"
        case .full(let limit): "\(limit) messages are on their way already, more are not allowed"
        }
    }
}
