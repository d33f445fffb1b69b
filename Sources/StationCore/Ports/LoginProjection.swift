/// Brings the station's logins to the broker that lets devices and people in (contract 6).
public protocol LoginProjection: Sendable {
    /// Returns once the broker knows every login that was committed before the call, or after 2 s at most when it cannot
    /// be told: whoever hands out a login waits for this, so that it is good when it is shown.
    func settle() async
}

/// Where no broker is told of logins.
public struct NoLoginProjection: LoginProjection {
    public init() {}

    public func settle() async {}
}
