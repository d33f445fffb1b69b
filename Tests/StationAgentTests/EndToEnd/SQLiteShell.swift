import Foundation
import StationTestSupport
import Testing

/// `sqlite3`: another process with its hands in the station's database.
struct SQLiteShell {
    let database: String
    let directory: TemporaryDirectory

    /// Runs SQL and returns the lines that it prints; values are separated by `|`.
    @discardableResult
    func run(_ sql: String) async throws -> [String] {
        let output = self.directory.url.appending(path: "sqlite3-\(UUID().uuidString).log")
        let process = try await ChildProcess(
            "/usr/bin/sqlite3", ["-batch", "-cmd", ".timeout 20000", self.database, sql], output: output
        )
        try await eventually("sqlite3 has ended") { process.exitCode != nil }
        let text = process.output
        try FileManager.default.removeItem(at: output)
        try #require(process.exitCode == 0, "\(sql): \(text)")
        return text.split(separator: "\n").map(String.init)
    }

    /// The single number that a query gives.
    func number(_ sql: String) async throws -> Int {
        try #require(Int(try await self.run(sql).first ?? ""), "\(sql) gives no number")
    }
}
