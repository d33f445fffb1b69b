public import Logging
public import StationCore
import SystemBus

/// The station's host itself: what systemd's services and the kernel's files tell of it, and its restart.
public final class SystemControl: HostSystem {
    /// hostnamed and timedated are started when they are asked, and end a minute later.
    private static let infoLimit: Duration = .seconds(3)
    private static let rebootLimit: Duration = .seconds(10)

    private let calls: HostCalls
    private let dataDirectory: String
    private let files: HostFiles
    private let logger: Logger

    /// - Parameter dataDirectory: Whose file system is told.
    public init(
        bus: HostBus, dataDirectory: String, files: HostFiles = HostFiles(), clock: any StationClock, logger: Logger
    ) {
        self.calls = HostCalls(bus: bus, clock: clock)
        self.dataDirectory = dataDirectory
        self.files = files
        self.logger = logger
    }

    // MARK: What there is to tell

    public func info() async -> HostInfo {
        async let naming = self.properties("hostname1")
        async let timing = self.properties("timedate1")
        let kernel = HostFiles.kernel
        var info = HostInfo()
        info.model = self.files.model
        info.temperature = self.files.temperature
        info.throttling = self.files.throttling
        info.memory = self.files.memory
        info.disk = HostFiles.space(at: self.dataDirectory)
        info.uptime = self.files.uptime
        info.kernel = kernel?.release
        info.architecture = kernel?.architecture
        let (names, times) = await (naming, timing)
        info.operatingSystem = Self.text(names["OperatingSystemPrettyName"]) ?? self.files.operatingSystem
        info.hostName = Self.text(names["Hostname"]) ?? kernel?.hostName
        info.timeZone = Self.text(times["Timezone"])
        info.isClockSynchronised = times["NTPSynchronized"]?.bool
        return info
    }

    /// The properties of one of systemd's small services; none when it cannot be asked.
    private func properties(_ name: String) async -> [String: BusValue] {
        let service = "org.freedesktop.\(name)"
        do throws(BusError) {
            return try await self.calls.properties(
                of: service, at: "/org/freedesktop/\(name)", service: service, startsService: true,
                within: Self.infoLimit)
        } catch {
            self.logger.debug("a service of the host does not answer", metadata: ["error": "\(error)"])
            return [:]
        }
    }

    private static func text(_ value: BusValue?) -> String? {
        value?.string.flatMap { $0.isEmpty ? nil : $0 }
    }

    // MARK: Restart

    public func demandReboot() async throws(HostFault) {
        let answer = try await self.logind("CanReboot").first?.string
        switch answer {
        case "yes": return
        // "challenge": only after somebody has typed a password, and nobody is there.
        case "no", "challenge": throw .refused(.logind, "CanReboot says “\(answer ?? "")”")
        case "na": throw .failed(.logind, "this machine cannot be restarted")
        default: throw .failed(.logind, "CanReboot gives no known answer")
        }
    }

    public func reboot() async throws(HostFault) {
        try await self.demandReboot()
        self.logger.notice("the host is restarted")
        // false: do not ask anybody for a password.
        try await self.logind("Reboot", [.bool(false)])
    }

    @discardableResult
    private func logind(_ member: String, _ arguments: [BusValue] = []) async throws(HostFault) -> [BusValue] {
        let call = BusCall(
            "org.freedesktop.login1", path: "/org/freedesktop/login1", interface: "org.freedesktop.login1.Manager",
            member: member, arguments: arguments)
        do throws(BusError) {
            return try await self.calls.call(call, within: Self.rebootLimit)
        } catch {
            throw HostFault(error, of: .logind)
        }
    }
}
