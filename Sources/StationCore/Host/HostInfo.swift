/// What the station's host is and how it is. Whatever cannot be told is `nil`.
public struct HostInfo: Sendable, Hashable {
    /// Such as `Raspberry Pi 4 Model B Rev 1.4`.
    public var model: String?
    /// Of the processor, in °C.
    public var temperature: Double?
    /// Only a Raspberry Pi says so.
    public var throttling: HostThrottling?
    public var memory: HostSpace?
    /// Of the file system that the data directory is on.
    public var disk: HostSpace?
    /// Such as `Debian GNU/Linux 12 (bookworm)`.
    public var operatingSystem: String?
    /// Its release, such as `6.12.47+rpt-rpi-v8`.
    public var kernel: String?
    /// Such as `aarch64`.
    public var architecture: String?
    public var hostName: String?
    /// Such as `Europe/Berlin`.
    public var timeZone: String?
    /// Whether the wall clock follows a time server.
    public var isClockSynchronised: Bool?
    /// Since the host started.
    public var uptime: Duration?

    public init() {}
}
