import FoundationEssentials
import Logging
import StationCore
import StationData

/// Looks at everything that the agent needs, and says what is wrong and what to do (contract 7).
struct Doctor {
    /// Below so much room the station is about to stop recording.
    private static let wantedFreeBytes: UInt64 = 200 << 20

    let setup: AgentSetup
    var host = DoctorFiles()

    /// Whether a daemon is at work on the data directory.
    var isAgentRunning: Bool { InstanceLock.isHeld(self.setup.configuration.data.lockPath) }

    /// All checks, in the order in which a person would make them.
    func examine() async -> DoctorReport {
        let clock = SystemStationClock()
        let bus = await DoctorBus.open()
        var report = DoctorReport()
        report.checks = [
            .ok("config", "no faults; station-agent config shows it"), self.examineDeviceTypes(),
            self.examineDataDirectory(),
        ]
        await self.examineStore(&report)
        report.checks += [self.examineBackups(at: clock.wallTime), self.examineDamage()].compactMap(\.self)
        report.checks.append(await self.examineClock(bus, floor: report.store?.clockFloor, at: clock.wallTime))
        report.checks += await self.examineBroker(report.store)
        report.checks.append(self.examinePort())
        report.checks += [
            self.examineCertificate(), await self.examineService(bus), await self.examineAgent(),
            await self.examineCloud(),
        ].compactMap(\.self)
        report.checks.append(await self.examineNetwork(bus))
        report.checks += self.examineWiFi()
        report.checks += await self.examineBluetooth(bus)
        report.checks += self.examineMachine()
        await bus.close()
        return report
    }

    private func examineDeviceTypes() -> DoctorCheck {
        do throws(DeviceTypeFiles.Fault) {
            let registry = try self.setup.deviceTypeFiles.load()
            return .ok("device-types", registry.types.map(\.id).joined(separator: ", "))
        } catch {
            return .failed("device-types", error.description, remedy: "Mend or remove \(error.path).")
        }
    }

    private func examineDataDirectory() -> DoctorCheck {
        let path = self.setup.configuration.data.directory
        let name = "data-dir"
        var isDirectory = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            return .warning(name, "\(path) is not there yet", remedy: "The first start makes it: station-agent run")
        }
        guard isDirectory else {
            return .failed(name, "\(path) is not a directory", remedy: "Remove the file or set DATA_DIR elsewhere.")
        }
        guard FileManager.default.isWritableFile(atPath: path) else {
            return .failed(
                name, "\(path) cannot be written to by this user",
                remedy: "sudo chown -R station-agent \(path), or run doctor as the service's user."
            )
        }
        guard let space = FreeSpace(path: path) else {
            return .failed(name, "the file system of \(path) does not answer", remedy: "Look at dmesg for disk errors.")
        }
        guard space.freeBytes >= Self.wantedFreeBytes else {
            return .warning(name, "\(path): only \(space.description)", remedy: "Free some room: sudo apt clean")
        }
        return .ok(name, "\(path), \(space.description)")
    }

    private func examinePort() -> DoctorCheck {
        let name = "http-port"
        let (host, port) = (self.setup.configuration.http.host, self.setup.configuration.http.port)
        if self.isAgentRunning {
            return .ok(name, "\(host):\(port), the agent is running")
        }
        switch PortProbe.probe(host: host, port: port) {
        case .free: return .ok(name, "\(host):\(port) is free")
        case .taken:
            return .failed(
                name, "\(host):\(port) is taken by another program",
                remedy: "Find it: sudo ss -ltnp sport = :\(port); stop it, or set PORT to another one."
            )
        case .failed(let detail):
            return .failed(name, "\(host):\(port) cannot be listened on: \(detail)", remedy: "Correct HOST and PORT.")
        }
    }
}
