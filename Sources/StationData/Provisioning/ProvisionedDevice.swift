import StationCore

/// A device that is being provisioned: what becomes of it when it took what it was handed, and when it did not.
enum ProvisionedDevice: Sendable {
    /// It was not known before: its row goes again if it does not take it.
    case new
    /// It was, and so keeps what it has; this becomes its token if it takes it.
    case known(token: Secret, login: SealedLogin)
}
