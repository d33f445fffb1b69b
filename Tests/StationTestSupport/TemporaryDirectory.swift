public import Foundation

/// A directory of a test's own, gone when the test has ended.
///
///     try await TemporaryDirectory.run { directory in
///         … try StationDatabase.open(path: directory.path("station.sqlite")) …
///     }
public struct TemporaryDirectory: Sendable {
    public let url: URL

    /// The path of the directory, or of something in it.
    public func path(_ name: String = "") -> String {
        name.isEmpty ? self.url.path : self.url.appending(path: name).path
    }

    /// Makes a directory (mode 0700), runs `body` and removes it with all that is in it, whatever happens.
    public static func run<Result>(
        isolation: isolated (any Actor)? = #isolation,
        _ body: (TemporaryDirectory) async throws -> Result
    ) async throws -> Result {
        let url = FileManager.default.temporaryDirectory.appending(path: "station-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700]
        )
        do {
            let result = try await body(TemporaryDirectory(url: url))
            try FileManager.default.removeItem(at: url)
            return result
        } catch {
            // The test's own error tells more than one about left-overs.
            try? FileManager.default.removeItem(at: url)
            throw error
        }
    }
}
