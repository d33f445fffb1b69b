import ArgumentParser

/// `station-agent run`: the daemon.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "run", abstract: "Run the daemon (the default).")

    @OptionGroup var options: ConfigurationOptions

    func run() async throws {
        let setup = try self.options.load()
        setup.log.install()
        try await AgentExit.translating { try await StationRuntime.run(setup) }
    }
}
