import ArgumentParser
import StationCore

/// `station-agent backup FILE`: the store and the secrets in one file; the daemon may be running.
struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Put the station's store and secrets into one file; the daemon may be running.",
        discussion: """
            Whoever has the file can be the station, so it is closed to others (mode 0600). The configuration file and \
            the firmware images are not in it, nor what the daemon has not yet written (TELEMETRY_FLUSH_INTERVAL). A \
            file that is there already is not overwritten.
            """)

    @OptionGroup var options: ConfigurationOptions
    @Argument(help: "The file to make.", completion: .file())
    var file: String

    func run() async throws {
        let setup = try self.options.load()
        try await AgentExit.translating {
            let made = try StationBackup(setup: setup, clock: SystemStationClock()).make(at: self.file)
            print("Saved the station \(made.stationID) in \(self.file) (\((made.byteCount + 1023) / 1024) KiB).")
            if !made.isPrivate {
                print("Others may be able to read it, since this file system keeps no modes: put it in a safe place.")
            }
        }
    }
}
