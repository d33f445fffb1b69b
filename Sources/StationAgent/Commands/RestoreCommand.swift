import ArgumentParser
import StationCore
import StationData

/// `station-agent restore FILE`: makes the station that of a backup; the daemon must not be running.
struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Make the station that of a backup; the daemon must not be running.",
        discussion: """
            The backup is checked first, and the station is replaced as a whole or not at all. Stop the daemon before \
            (sudo systemctl stop station-agent.socket station-agent) and start it afterwards.
            """)

    @OptionGroup var options: ConfigurationOptions
    @Argument(help: "A file that “station-agent backup” made.", completion: .file())
    var file: String
    @Flag(help: "Set a station that is there already aside, under other names in the same directory.")
    var force = false

    func run() async throws {
        let setup = try self.options.load()
        try await AgentExit.translating {
            let backup = StationBackup(setup: setup, clock: SystemStationClock())
            let restored = try backup.restore(from: self.file, isForced: self.force)
            print("Restored the station \(restored.stationID) as it was at \(restored.note.madeAt).")
            if let old = restored.oldFiles {
                print("What was there is still in \(setup.configuration.data.directory): \(old)")
            }
        }
    }
}
