import Foundation
import StationTestSupport

@testable import StationAgent

/// Loads configurations from a directory of the test's own; nothing of the machine shows through.
struct ConfigurationFixture {
    let directory: TemporaryDirectory
    var environment: [String: String] = [:]
    var hasTerminal = true

    static func run(_ body: (inout ConfigurationFixture) throws -> Void) async throws {
        try await TemporaryDirectory.run { directory in
            var fixture = ConfigurationFixture(directory: directory)
            try body(&fixture)
        }
    }

    var filePath: String { self.directory.path("station-agent.yaml") }

    @discardableResult
    func write(_ name: String, _ text: String) throws -> String {
        let path = self.directory.path(name)
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(filePath: path))
        return path
    }

    /// Loads with a file of this content, named on the command line.
    func load(yaml: String) throws -> AgentConfiguration {
        try self.write("station-agent.yaml", yaml)
        return try self.load(file: self.filePath)
    }

    func load(file: String? = nil, defaultFile: String? = nil) throws -> AgentConfiguration {
        try AgentConfiguration.load(
            file: file,
            surroundings: ProcessSurroundings(
                environment: self.environment, hostName: "pi", hasTerminal: self.hasTerminal),
            defaultFile: defaultFile ?? self.directory.path("absent.yaml"))
    }

    /// The faults of a configuration; empty if it has none.
    func faults(yaml: String? = nil) throws -> [String] {
        do {
            _ = try yaml.map { try self.load(yaml: $0) } ?? self.load()
            return []
        } catch let errors as ConfigurationErrors {
            return errors.errors.map(\.description)
        }
    }
}

extension AgentConfiguration {
    func value(_ path: String) -> EffectiveValue? {
        self.effective.first { $0.row.path == path }
    }
}
