import Foundation

/// `sqlite3`: another process with its hands in the station's database.
public struct SQLiteShell: Sendable {
    /// What it complained of.
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    private static let program = "/usr/bin/sqlite3"

    public let database: String
    public let directory: TemporaryDirectory

    /// - Parameter directory: For what it prints.
    public init(database: String, directory: TemporaryDirectory) {
        self.database = database
        self.directory = directory
    }

    /// Runs SQL and returns the lines that it prints; values are separated by `|`.
    @discardableResult
    public func run(_ sql: String) async throws -> [String] {
        let output = self.output
        let process = try await ChildProcess(
            Self.program, ["-batch", "-cmd", ".timeout 20000", self.database, sql], output: output
        )
        try await eventually("sqlite3 has ended") { process.exitCode != nil }
        let text = process.output
        try FileManager.default.removeItem(at: output)
        guard process.exitCode == 0 else { throw Failure(description: "\(sql): \(text)") }
        return text.split(separator: "\n").map(String.init)
    }

    /// The single number that a query gives.
    public func number(_ sql: String) async throws -> Int {
        guard let number = Int(try await self.run(sql).first ?? "") else {
            throw Failure(description: "\(sql) gives no number")
        }
        return number
    }

    /// Takes a table away: whoever needs it finds the store unusable.
    public func takeAway(_ table: String) async throws {
        try await self.run("PRAGMA legacy_alter_table = ON; ALTER TABLE \(table) RENAME TO \(table)_away")
    }

    /// Keeps every other writer waiting while `body` runs.
    public func locking<Result>(
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

    private var output: URL { self.directory.url.appending(path: "sqlite3-\(UUID().uuidString).log") }
}
