/// Why a call, a subscription or a connection came to nothing.
public enum BusError: Error, Sendable, Hashable {
    /// The peer, or the bus in its place, answered with an error: its D-Bus name and its text.
    case remote(name: String, message: String)
    /// There is no way to the bus.
    case unavailable(detail: String)
    /// The connection to the bus broke.
    case disconnected(detail: String)
    /// The connection was closed by us.
    case closed
    /// Something did not come in time; `what` names it and the limit. A call may have had its effect all the same.
    case timedOut(what: String)
    /// The waiting task was cancelled. A call may have had its effect all the same.
    case cancelled
    /// A name, a path or a value that D-Bus does not allow; nothing was sent.
    case invalid(detail: String)
    /// A message of more bytes than the limit; nothing was sent.
    case tooLarge(bytes: Int, limit: Int)
    /// The bus does not take what we send; nothing more is queued until it does.
    case congested

    /// The name of the D-Bus error; what happened on this side goes by the name that libdbus gives it.
    public var name: String {
        switch self {
        case .remote(let name, _): name
        case .unavailable: BusErrorName.noServer
        case .disconnected, .closed: BusErrorName.disconnected
        case .timedOut: BusErrorName.timeout
        case .cancelled: "org.station.Error.Cancelled"
        case .invalid: BusErrorName.invalidArguments
        case .tooLarge, .congested: BusErrorName.limitsExceeded
        }
    }

    /// What happened, in the peer's words where there are any.
    public var message: String {
        switch self {
        case .remote(_, let message): message
        case .unavailable(let detail), .disconnected(let detail), .invalid(let detail): detail
        case .closed: "the connection to the bus was closed"
        case .timedOut(let what): what
        case .cancelled: "the wait was cancelled"
        case .tooLarge(let bytes, let limit): "a message of \(bytes) bytes; \(limit) are allowed"
        case .congested: "the bus does not take what is sent to it"
        }
    }

    /// Nobody has that name on the bus: the service is not running and cannot be started.
    public var isServiceMissing: Bool {
        [BusErrorName.serviceUnknown, BusErrorName.nameHasNoOwner].contains(self.name)
    }

    /// The service is there, the object or its interface is not (any more).
    public var isObjectMissing: Bool {
        [BusErrorName.unknownObject, BusErrorName.unknownInterface, BusErrorName.unknownMethod].contains(self.name)
    }

    /// The bus's policy does not let us.
    public var isAccessDenied: Bool { self.name == BusErrorName.accessDenied }

    /// No answer came: our deadline, the bus's own, or the peer left the bus while we waited.
    public var isUnanswered: Bool {
        if case .timedOut = self { true } else { self.name == BusErrorName.noReply }
    }

    /// This connection is of no use any more: open another one.
    public var isConnectionLost: Bool {
        switch self {
        case .unavailable, .disconnected, .closed: true
        default: false
        }
    }
}

extension BusError: CustomStringConvertible {
    public var description: String {
        if case .remote(let name, let message) = self { "\(name): \(message)" } else { self.message }
    }
}
