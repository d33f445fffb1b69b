import Foundation
import StationData
import StationTestSupport
import Testing

/// A file system of a few megabytes, for a station whose disk is to be full. Making one needs leave to mount.
struct SmallDisk {
    static let isPossible: Bool = {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("CapEff:") }
        let rights = line.flatMap { UInt64($0.drop { $0 != "\t" }.dropFirst(), radix: 16) } ?? 0
        // CAP_SYS_ADMIN
        return rights & (1 << 21) != 0
    }()

    let path: String

    /// Mounts it, runs `body` and takes it away again, whatever happens.
    static func run(
        at path: String, mebibytes: Int, in directory: TemporaryDirectory,
        isolation: isolated (any Actor)? = #isolation, _ body: (SmallDisk) async throws -> Void
    ) async throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try await self.call(
            "/usr/bin/mount", ["-t", "tmpfs", "-o", "size=\(mebibytes)m,mode=0700", "tmpfs", path], in: directory)
        do {
            try await body(SmallDisk(path: path))
        } catch {
            try await self.call("/usr/bin/umount", ["-l", path], in: directory)
            throw error
        }
        try await self.call("/usr/bin/umount", ["-l", path], in: directory)
    }

    private static func call(_ program: String, _ arguments: [String], in directory: TemporaryDirectory) async throws {
        let process = try await ChildProcess(program, arguments, output: directory.url.appending(path: "mount.log"))
        try await eventually("\(program) ends") { process.exitCode != nil }
        try #require(process.exitCode == 0, "\(process.output)")
    }

    private var filler: String { "\(self.path)/filler" }

    /// Takes the room, but for some kibibytes.
    func fill(leaving kibibytes: Int = 0) throws {
        let free = Int(try #require(FreeSpace(path: self.path)).freeBytes)
        if !FileManager.default.fileExists(atPath: self.filler) { try Data().write(to: URL(filePath: self.filler)) }
        let file = try FileHandle(forWritingTo: URL(filePath: self.filler))
        try file.seekToEnd()
        do {
            try file.write(contentsOf: Data(count: max(0, free - kibibytes << 10)))
        } catch {
            // Somebody else has taken the last of it: so it is full.
            guard kibibytes == 0 else { throw error }
        }
        try file.close()
    }

    /// Gives it back.
    func clear() throws {
        try FileManager.default.removeItem(atPath: self.filler)
    }
}
