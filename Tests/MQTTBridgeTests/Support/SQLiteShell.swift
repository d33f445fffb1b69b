import Foundation
import StationTestSupport
import Testing

/// Another process with its hands in the station's database.
struct SQLiteShell {
    private static let program = "/usr/bin/sqlite3"

    let database: String
    let directory: TemporaryDirectory

    /// Runs SQL and waits for its end.
    func run(_ sql: String) async throws {
        let process = try await ChildProcess(Self.program, [self.database, sql], output: self.output)
        try await eventually("sqlite3 has ended") { process.exitCode != nil }
        try #require(process.exitCode == 0, "\(process.output)")
    }

    /// Keeps every other writer waiting while `body` runs.
    func locking<Result>(
        isolation: isolated (any Actor)? = #isolation,
        _ body: (_ unlock: () async throws -> Void) async throws -> Result
    ) async throws -> Result {
        let marker = self.directory.path("held")
        let holding = ".shell touch \(marker); while [ -e \(marker) ]; do sleep 0.01; done"
        let process = try await ChildProcess(
            Self.program, [self.database, "BEGIN IMMEDIATE", holding, "COMMIT"], output: self.output
        )
        try await eventually("the database is locked") { FileManager.default.fileExists(atPath: marker) }
        let unlock = {
            guard FileManager.default.fileExists(atPath: marker) else { return }
            try FileManager.default.removeItem(atPath: marker)
            try await eventually("sqlite3 has ended") { process.exitCode != nil }
        }
        do {
            let result = try await body(unlock)
            try await unlock()
            return result
        } catch {
            try await unlock()
            throw error
        }
    }

    private var output: URL { self.directory.url.appending(path: "sqlite3.log") }
}
