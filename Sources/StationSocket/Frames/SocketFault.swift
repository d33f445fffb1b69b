/// What a peer did that RFC 6455 or our limits forbid. The connection fails with `code`.
public enum SocketFault: Error, Sendable, Hashable {
    /// A reserved bit is set, though no extension was agreed upon.
    case reservedBits
    case reservedOpcode(UInt8)
    /// A client's frame without a mask.
    case unmasked
    /// A server's frame with a mask.
    case masked
    case fragmentedControl
    /// A control frame with more than 125 bytes.
    case longControl
    /// A length that is written with more bytes than it needs.
    case paddedLength
    /// A length of more than 63 bits.
    case impossibleLength
    /// A continuation where no message is under way.
    case strayContinuation
    /// A new message while another is under way.
    case unfinishedMessage
    /// Text that is not UTF-8.
    case invalidText
    /// A Close frame whose payload is one byte long.
    case shortClosePayload
    case closeCode(UInt16)
    /// A reason in a Close frame that is not UTF-8.
    case invalidCloseReason
    case frameTooBig(size: Int, limit: Int)
    case messageTooBig(limit: Int)
    case tooManyFragments(limit: Int)
    /// More pings and pongs than `SocketLimits.controlFrames` lets through.
    case tooManyControlFrames

    /// The close code that says so to the peer.
    public var code: SocketCloseCode {
        switch self {
        case .reservedBits, .reservedOpcode, .unmasked, .masked, .fragmentedControl, .longControl, .paddedLength,
            .impossibleLength, .strayContinuation, .unfinishedMessage, .shortClosePayload, .closeCode:
            .protocolError
        case .invalidText, .invalidCloseReason: .invalidPayload
        case .frameTooBig, .messageTooBig, .tooManyFragments: .tooBig
        case .tooManyControlFrames: .policyViolation
        }
    }
}

extension SocketFault: CustomStringConvertible {
    public var description: String {
        switch self {
        case .reservedBits: "a reserved bit is set; no extension is in use"
        case .reservedOpcode(let opcode): "opcode \(opcode) is reserved"
        case .unmasked: "frames of a client must be masked"
        case .masked: "frames of a server must not be masked"
        case .fragmentedControl: "control frames must not be fragmented"
        case .longControl: "control frames may have 125 bytes at most"
        case .paddedLength: "a length must be written as short as possible"
        case .impossibleLength: "a length may have 63 bits at most"
        case .strayContinuation: "there is no message to be continued"
        case .unfinishedMessage: "the message before is not finished"
        case .invalidText: "text must be UTF-8"
        case .shortClosePayload: "a Close frame needs a code of two bytes or nothing"
        case .closeCode(let code): "\(code) is no code for a Close frame"
        case .invalidCloseReason: "the reason of a Close frame must be UTF-8"
        case .frameTooBig(let size, let limit): "a frame of \(size) bytes; \(limit) are allowed"
        case .messageTooBig(let limit): "a message of more than \(limit) bytes"
        case .tooManyFragments(let limit): "a message in more than \(limit) fragments"
        case .tooManyControlFrames: "too many pings or pongs"
        }
    }
}
