import ArgumentParser

/// `station-agent`: one binary, many commands (contract 7).
@main
struct StationAgentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "station-agent",
        abstract: "Turns a small Linux machine into the station of a smart home or building.",
        version: AgentVersion.text,
        subcommands: [
            RunCommand.self, SimulateCommand.self, UserCommands.self, DeviceCommands.self, BackupCommand.self,
            RestoreCommand.self, BrokerCommands.self, CloudCommands.self, DoctorCommand.self, ConfigCommand.self,
            LabCloudCommand.self,
        ],
        defaultSubcommand: RunCommand.self
    )
}
