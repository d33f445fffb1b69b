import ArgumentParser
import StationCore

/// `station-agent doctor`: checks, each with a remedy; exit code 1 if one failed.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Check everything that the station needs and say what to do.")

    @OptionGroup var options: ConfigurationOptions
    @Flag(help: "Print JSON.")
    var json = false

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
        if !report.isWell { throw AgentExit.failure }
    }
}
