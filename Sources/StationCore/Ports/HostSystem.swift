/// The station's host itself; systemd's logind and the kernel's files are the way (contract 2, `/api/system`).
public protocol HostSystem: Sendable {
    /// What can be told, within a few seconds: what cannot is `nil`.
    func info() async -> HostInfo

    /// Returns if the host would restart now, and does nothing.
    ///
    /// - Throws: `HostFault`.
    func demandReboot() async throws(HostFault)

    /// Restarts the host, and returns when that has begun: the agent is then told to stop like every other service.
    ///
    /// - Throws: `HostFault`.
    func reboot() async throws(HostFault)
}

/// Where nothing is known of the host and nothing can be done about it.
public struct NoHost: HostSystem {
    private static let fault = HostFault.unavailable(.logind, "the agent was not given a way to it")

    public init() {}

    public func info() async -> HostInfo { HostInfo() }
    public func demandReboot() async throws(HostFault) { throw Self.fault }
    public func reboot() async throws(HostFault) { throw Self.fault }
}
