/// Where a dialect is with its device.
public enum DialectProgress: Sendable, Hashable {
    /// Agreeing with the device on how to talk.
    case negotiating
    /// The device waits for a person to press its button.
    case waitingForButton
    /// Credentials are on their way.
    case writing
    /// The device tries the credentials.
    case waitingForDevice
}
