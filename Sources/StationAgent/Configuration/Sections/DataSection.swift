/// Where things are kept.
struct DataSection: Sendable, Equatable {
    let directory: String

    init(_ values: inout ConfigurationValues) {
        self.directory = values.read(ConfigurationCatalogue.dataDirectory)
    }

    var storePath: String { "\(self.directory)/station.sqlite" }
    var secretsPath: String { "\(self.directory)/secrets.json" }
    /// The automatic backups.
    var backupsPath: String { "\(self.directory)/backups" }
    var firmwarePath: String { "\(self.directory)/firmware" }
    /// The agent's copy of what its broker should have.
    var brokerCopyPath: String { "\(self.directory)/broker/dynsec.json" }
    var lockPath: String { "\(self.directory)/station-agent.lock" }
}
