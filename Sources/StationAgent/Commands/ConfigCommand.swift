import ArgumentParser

/// `station-agent config`: the effective configuration, with where each value came from.
struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Show the effective configuration and where each value came from.",
        discussion: "Secrets are masked.")

    @OptionGroup var options: ConfigurationOptions

    func run() throws {
        print(EffectiveConfigurationReport(try self.options.load().configuration))
    }
}
