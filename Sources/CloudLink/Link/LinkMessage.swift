public import StationCore

/// A message of the cloud, as far as it concerns the link itself (contract 4, "States").
public enum LinkMessage: Sendable, Equatable {
    /// `claim_success` or `claimed`; nil when there is no usable token in it.
    case claimSuccess(Secret?)
    case authOK
    /// `auth_failed` or `token_invalid`.
    case authRefused
    case pendingReset
    case stationReset
    /// Everything else: JSON-RPC, messages about identity, nonsense.
    case other

    /// The longest text that can be one; whatever is longer is not even read here.
    private static let maximumSize = 16 * 1024
    /// The longest token that the store takes.
    private static let maximumTokenSize = 4096

    public init(_ text: String) {
        guard text.utf8.count <= Self.maximumSize, let message = try? JSONValue.parse(text).objectValue,
            message["method"] == nil, let type = message["type"]?.stringValue
        else {
            self = .other
            return
        }
        switch type {
        case "claim_success", "claimed":
            let token = message["stationToken"]?.stringValue
            self = .claimSuccess(
                token.flatMap { (1...Self.maximumTokenSize).contains($0.utf8.count) ? Secret($0) : nil })
        case "auth_ok": self = .authOK
        case "auth_failed", "token_invalid": self = .authRefused
        case "pending_reset": self = .pendingReset
        case "station_reset": self = .stationReset
        default: self = .other
        }
    }
}
