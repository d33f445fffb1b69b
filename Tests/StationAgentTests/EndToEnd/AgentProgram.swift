import Foundation
import StationTestSupport
import Testing

/// The built binary, and single commands of it.
enum AgentProgram {
    /// What a command left behind.
    struct Outcome: Sendable, CustomStringConvertible {
        let code: Int32
        /// Standard output.
        let output: String
        /// Standard error.
        let errors: String

        var description: String { "exit code \(self.code)\n\(self.output)\(self.errors)" }
    }

    /// Beside the tests, where the build puts both; else where a plain `swift build` of this package puts it.
    static let path: String = {
        let tests = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        let beside = tests.deletingLastPathComponent().appending(path: "station-agent").path
        if FileManager.default.isExecutableFile(atPath: beside) { return beside }
        var package = URL(filePath: #filePath)
        for _ in 0..<4 { package.deleteLastPathComponent() }
        return package.appending(path: ".build/debug/station-agent").path
    }()

    /// Only this and what a test gives: no setting of the machine shows through, and its radio, network and power are
    /// out of reach.
    static let environment = [
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nonexistent/system_bus",
    ]

    /// Starts the binary; its output and errors go to one file.
    static func start(
        _ arguments: [String], environment: [String: String], output: URL
    ) async throws -> ChildProcess {
        try await ChildProcess(
            Self.path, arguments, environment: Self.environment.merging(environment) { $1 }, output: output
        )
    }

    /// Runs a command to its end.
    ///
    /// - Parameter input: What it reads on standard input.
    static func run(
        _ arguments: [String], environment: [String: String], input: String = "", in directory: TemporaryDirectory
    ) async throws -> Outcome {
        let name = UUID().uuidString
        let (output, errors) = (directory.path("\(name).out"), directory.path("\(name).err"))
        let given = directory.path("\(name).in")
        try Data(input.utf8).write(to: URL(filePath: given))
        let child = try await ChildProcess(
            "/bin/sh",
            [
                "-c", #"in=$1 out=$2 err=$3; shift 3; exec "$@" <"$in" >"$out" 2>"$err""#, "sh", given, output, errors,
                Self.path,
            ]
                + arguments,
            environment: Self.environment.merging(environment) { $1 },
            output: directory.url.appending(path: "\(name).sh")
        )
        defer { child.signal(SIGKILL) }
        try await eventually("station-agent \(arguments.joined(separator: " ")) ends") { child.exitCode != nil }
        return Outcome(
            code: try #require(child.exitCode), output: try String(contentsOfFile: output, encoding: .utf8),
            errors: try String(contentsOfFile: errors, encoding: .utf8)
        )
    }
}
