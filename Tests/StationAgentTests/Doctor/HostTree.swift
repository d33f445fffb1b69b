import Foundation
import StationTestSupport

@testable import StationAgent

/// Files of a machine that a test makes up.
struct HostTree {
    let directory: TemporaryDirectory

    static func run(
        _ files: [String: String] = [:], isolation: isolated (any Actor)? = #isolation,
        _ body: (HostTree) async throws -> Void
    ) async throws {
        try await TemporaryDirectory.run { directory in
            let tree = HostTree(directory: directory)
            try tree.write(files)
            try await body(tree)
        }
    }

    var files: DoctorFiles { DoctorFiles(root: self.directory.path("host")) }

    /// Paths as on the machine, with their content.
    func write(_ files: [String: String]) throws {
        for (path, text) in files {
            let file = self.directory.url.appending(path: "host\(path)")
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
    }

    /// A doctor who looks at these files, with a station that was never started.
    func doctor(environment: [String: String] = [:]) throws -> Doctor {
        let surroundings = ProcessSurroundings(
            environment: ["DATA_DIR": self.directory.path("data")].merging(environment) { $1 }, hostName: "pi",
            hasTerminal: true)
        let configuration = try AgentConfiguration.load(
            file: nil, surroundings: surroundings, defaultFile: self.directory.path("absent.yaml"))
        let setup = AgentSetup(
            configuration: configuration, configurationFile: nil, surroundings: surroundings,
            log: LogOutlet(configuration.log, surroundings: surroundings))
        return Doctor(setup: setup, host: self.files)
    }
}
