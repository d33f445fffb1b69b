import Foundation
import StationTestSupport
import Testing

@testable import StationAgent

@Suite("The data directory")
struct SecretsDirectoryTests {
    @Test("is made with its parents and closed to others")
    func made() async throws {
        try await TemporaryDirectory.run { (directory) throws in
            let path = directory.path("a/b/data")
            #expect(try DataDirectory(path: path).prepare())
            #expect(try SecretsFileTests.mode(path) == 0o700)
            #expect(try DataDirectory(path: path).prepare())
        }
    }

    @Test("is closed to others if it is empty or the agent's own", arguments: [nil, "secrets.json", "station.sqlite"])
    func closed(file: String?) async throws {
        try await TemporaryDirectory.run { (directory) throws in
            let path = directory.path("data")
            try Self.makeOpenDirectory(path, with: file)
            #expect(try DataDirectory(path: path).prepare())
            #expect(try SecretsFileTests.mode(path) == 0o700)
        }
    }

    @Test("keeps its mode if it holds things of others, and says so")
    func shared() async throws {
        try await TemporaryDirectory.run { (directory) throws in
            let path = directory.path("data")
            try Self.makeOpenDirectory(path, with: "somebody-elses.txt")
            #expect(try DataDirectory(path: path).prepare() == false)
            #expect(try SecretsFileTests.mode(path) == 0o755)
        }
    }

    @Test("must be a directory, below directories, on a file system that can be written to")
    func impossible() async throws {
        try await TemporaryDirectory.run { (directory) throws in
            func message(_ path: String) -> String {
                do {
                    try DataDirectory(path: path).prepare()
                    return "no fault"
                } catch {
                    return error.description
                }
            }
            let file = directory.path("file")
            try Data().write(to: URL(filePath: file))
            #expect(message(file) == "\(file) is not a directory. Remove it, or set DATA_DIR to a directory.")
            #expect(message(file + "/data").hasPrefix("\(file)/data cannot be made: Not a directory. Set DATA_DIR"))
            #expect(message("/proc/station/data").hasPrefix("/proc/station cannot be made: "))
        }
    }

    private static func makeOpenDirectory(_ path: String, with file: String?) throws {
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o755])
        if let file { try Data().write(to: URL(filePath: "\(path)/\(file)")) }
    }
}
