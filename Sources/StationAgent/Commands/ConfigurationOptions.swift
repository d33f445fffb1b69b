import ArgumentParser
import Logging
import StationCore
import StationData

/// What every command reads the configuration by.
struct ConfigurationOptions: ParsableArguments {
    @Option(
        name: .customLong("config"),
        help: "The configuration file; without, \(AgentConfiguration.defaultFile) if it is there."
    )
    var configurationFile: String?

    /// Reads the configuration and sets up the log.
    ///
    /// - Throws: The exit code 78, after having said all that is wrong.
    func load() throws -> AgentSetup {
        let surroundings = ProcessSurroundings.current()
        do throws(ConfigurationErrors) {
            let configuration = try AgentConfiguration.load(file: self.configurationFile, surroundings: surroundings)
            let log = LogOutlet(configuration.log, surroundings: surroundings)
            return AgentSetup(
                configuration: configuration, configurationFile: self.configurationFile, surroundings: surroundings,
                log: log
            )
        } catch {
            throw AgentExit.because(error, AgentExit.configuration)
        }
    }

    /// Opens the station's store for a command, and closes it afterwards.
    ///
    /// - Throws: An exit code, after having said what is wrong; and what `body` throws beyond the known errors.
    func withHub(_ body: (StationHub) async throws -> Void) async throws {
        try await self.withStation { hub, _ in try await body(hub) }
    }

    /// The same for a command that wants to know of the configuration as well.
    ///
    /// - Throws: An exit code, after having said what is wrong; and what `body` throws beyond the known errors.
    func withStation(_ body: (StationHub, AgentConfiguration) async throws -> Void) async throws {
        let setup = try self.load()
        try await AgentExit.translating {
            let (hub, database) = try await setup.openHub()
            do {
                try await body(hub, setup.configuration)
            } catch {
                try database.close()
                throw error
            }
            try database.close()
        }
    }
}
