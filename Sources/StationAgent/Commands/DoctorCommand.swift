import ArgumentParser
import StationCore

/// `station-agent doctor`: checks, each with a remedy; exit code 1 if one failed.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Check everything that the station needs and say what to do.")

    @OptionGroup var options: ConfigurationOptions
    @Flag(help: "Print JSON.")
    var json = false
    @Option(
        help: ArgumentHelp(
            "Also write a support archive (tar) without secrets: findings, versions, health, the end of the log.",
            valueName: "file"))
    var bundle: String?

    func run() async throws {
        let doctor = Doctor(setup: try self.options.load())
        let report = await doctor.examine()
        if self.json {
            print(report.json)
        } else {
            for check in report.checks {
                let mark =
                    switch check.verdict {
                    case .ok: "ok     "
                    case .warning: "warning"
                    case .failed: "FAILED "
                    }
                print("\(mark)  \(check.name): \(check.detail)")
                if let remedy = check.remedy { print("         → \(remedy)") }
            }
        }
        if let bundle { try await Self.write(bundle, doctor, report) }
        if !report.isWell { throw AgentExit.failure }
    }

    private static func write(_ path: String, _ doctor: Doctor, _ report: DoctorReport) async throws {
        try await AgentExit.translating {
            let size = try await SupportBundle(doctor: doctor, clock: SystemStationClock()).write(to: path, report)
            AgentExit.say("\(path): \((size + 1023) / 1024) KiB, without secrets; look into it before you pass it on")
        }
    }
}
