/// Why a WebSocket was closed, as a number (RFC 6455, 7.4, and the registry that it founds).
public struct SocketCloseCode: RawRepresentable, Sendable, Hashable {
    public let rawValue: UInt16

    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// 1000: the purpose is fulfilled.
    public static let normal = SocketCloseCode(rawValue: 1000)
    /// 1001: the server stops, or the page was left.
    public static let goingAway = SocketCloseCode(rawValue: 1001)
    /// 1002: the peer broke the protocol.
    public static let protocolError = SocketCloseCode(rawValue: 1002)
    /// 1003: a kind of data that is not accepted here.
    public static let unsupportedData = SocketCloseCode(rawValue: 1003)
    /// 1005: the Close frame had no code. Never sent.
    public static let noStatus = SocketCloseCode(rawValue: 1005)
    /// 1007: text that is not UTF-8.
    public static let invalidPayload = SocketCloseCode(rawValue: 1007)
    /// 1008: something that is not allowed and has no number of its own.
    public static let policyViolation = SocketCloseCode(rawValue: 1008)
    /// 1009: a frame or message beyond the limit.
    public static let tooBig = SocketCloseCode(rawValue: 1009)
    /// 1011: a fault on our side.
    public static let internalError = SocketCloseCode(rawValue: 1011)

    /// Whether the code may stand in a Close frame: 1000–1003, 1007–1014 and 3000–4999. The others are reserved or for
    /// reports within one program.
    public var isSendable: Bool {
        switch self.rawValue {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}

extension SocketCloseCode: CustomStringConvertible {
    public var description: String { String(self.rawValue) }
}
