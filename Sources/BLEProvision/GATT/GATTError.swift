/// Why a GATT operation came to nothing.
public struct GATTError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of failure, as far as dialects tell them apart.
    public enum Kind: Sendable, Hashable {
        /// The device has no such characteristic.
        case notFound
        /// The link was lost before the device answered.
        case disconnected
        /// No answer within the operation's deadline; a write may have arrived.
        case timedOut
        /// The waiting task was cancelled; a write may have arrived.
        case cancelled
        /// The characteristic cannot do this (ATT 0x02, 0x03, 0x06).
        case notPermitted
        /// The device wants to be paired or authorised first (ATT 0x05, 0x08, 0x0c, 0x0f).
        case notAuthorized
        /// Too many bytes for the characteristic (ATT 0x0d).
        case invalidLength
        /// ATT 0x0e, “unlikely error”: a value written may have been stored all the same (contract 5).
        case unlikely
        /// Another answer of the device: an ATT error code (Core 5.3, vol. 3, part F, 3.4.1.1).
        case attribute(UInt8)
        /// The adapter or the service behind the link is gone.
        case unavailable
        /// Anything else.
        case failed
    }

    public let kind: Kind
    /// What the stack said: for `detail`, never for a person's first glance.
    public let detail: String

    public init(_ kind: Kind, detail: String = "") {
        self.kind = kind
        self.detail = detail
    }

    /// Names an ATT error code that a device answered with.
    public init(attributeCode code: UInt8, detail: String) {
        let kind: Kind =
            switch code {
            case 0x02, 0x03, 0x06: .notPermitted
            case 0x05, 0x08, 0x0C, 0x0F: .notAuthorized
            case 0x0D: .invalidLength
            case 0x0E: .unlikely
            default: .attribute(code)
            }
        self.init(kind, detail: detail)
    }

    public var description: String { self.detail.isEmpty ? "\(self.kind)" : "\(self.kind): \(self.detail)" }
}
