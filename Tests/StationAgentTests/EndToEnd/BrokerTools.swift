import Foundation
import StationCore
import StationTestSupport

/// Mosquitto's own clients, as anybody has them.
enum BrokerTools {
    /// Runs one of them to its end and returns all that it printed.
    static func run(_ program: String, _ arguments: [String], in directory: TemporaryDirectory) async throws -> String {
        let output = directory.url.appending(path: "\(UUID().uuidString).txt")
        let child = try await ChildProcess("/usr/bin/\(program)", arguments, output: output)
        defer { child.signal(SIGKILL) }
        try await eventually("\(program) ends") { child.exitCode != nil }
        return try String(contentsOf: output, encoding: .utf8)
    }

    /// How a client of MQTT 5 logs in: it is told reasons.
    static func login(_ port: Int, _ name: String, _ password: Secret, clientID: String? = nil) -> [String] {
        ["-V", "5", "-h", "127.0.0.1", "-p", "\(port)", "-i", clientID ?? name, "-u", name, "-P", password.revealed]
    }
}
