public import StationCore

/// What happens to the link. Whoever drives a `CloudLinkMachine` passes on only what belongs to the newest connection:
/// after `LinkAction.drop` and `.close` nothing of the old one counts.
public enum LinkInput: Sendable, Equatable {
    /// Begins, with what the station is known by.
    case start(LinkCredentials)
    /// The connection that was asked for is open.
    case opened
    case message(LinkMessage)
    /// The cloud has answered the ping with this number.
    case pong(Int)
    /// When the last frame of any kind came: to be told before `timer`, for frames that are no input of their own.
    case heard(MonotonicInstant)
    /// The connection has ended, or could not be opened.
    case closed(LinkLoss)
    /// The time of `LinkAction.setTimer` has come. Too early does no harm.
    case timer
    /// The kernel or NetworkManager says that addresses or links have changed.
    case networkChanged
    /// The store says what the station is known by now; the same as before does nothing.
    case credentialsChanged(LinkCredentials)
    /// The token of `LinkAction.storeToken` could not be stored.
    case storeFailed
    /// The reset did not begin: everything is as before.
    case resetFailed
    case stop
}
