public import StationCore

/// What the link needs of the station.
public protocol LinkStation: Sendable {
    var credentials: LinkCredentials { get }
    var figures: LinkFigures { get }

    /// Says something whenever the credentials may have changed, until its reader is cancelled.
    func credentialChanges() -> AsyncStream<Void>

    /// Keeps the token that a cloud gave; the claim secret is used up.
    func claim(with token: Secret) async throws
    /// Puts a refused token away for a day; the claim secret is renewed.
    func setTokenAside() async throws
    func unclaim() async throws

    /// Puts on record that the station is to be reset.
    ///
    /// - Returns: What is to be sent before `finishReset`; nil when it could not be put on record.
    func beginReset() async -> String?
    /// Tells the devices, wipes, ends the process: if a reset is on record, otherwise nothing. It does not mind whether
    /// the task that waits is cancelled.
    func finishReset() async

    /// Serves the cloud on one authenticated connection.
    func makeSession() -> any LinkSession
}
