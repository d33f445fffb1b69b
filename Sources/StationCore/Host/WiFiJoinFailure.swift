/// Why the station is not in the Wi-Fi network that it was to join.
public struct WiFiJoinFailure: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Reason: String, Sendable, Hashable, CaseIterable {
        case networkNotFound = "network_not_found"
        case wrongPassword = "wrong_password"
        /// The network let the station in and gave it no address in time.
        case noAddress = "no_address"
        /// The network wants more than a password: WEP, or an account for each.
        case unsupportedSecurity = "unsupported_security"
        case other = "not_joined"
    }

    /// What has become of the connection that there was before.
    public enum Rollback: String, Sendable, Hashable, CaseIterable {
        /// It was not touched, or there was none.
        case notNeeded = "not_needed"
        case restored
        case failed
    }

    public let reason: Reason
    public let rollback: Rollback
    /// What NetworkManager said, as it said it. Never a secret.
    public let detail: String?

    public init(_ reason: Reason, rollback: Rollback, detail: String? = nil) {
        self.reason = reason
        self.rollback = rollback
        self.detail = detail
    }

    public var description: String {
        let cause =
            switch self.reason {
            case .networkNotFound: "The network is not in reach."
            case .wrongPassword: "The network does not take the password."
            case .noAddress: "The network gave no address in time."
            case .unsupportedSecurity: "The network wants more than a password, which the station does not have."
            case .other: "The network could not be joined."
            }
        let before =
            switch self.rollback {
            case .notNeeded: ""
            case .restored: " The earlier connection is up again."
            case .failed: " The earlier connection could not be brought up again."
            }
        return cause + before
    }
}
