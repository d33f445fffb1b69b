import Foundation
import StationTestSupport
import Testing

/// A wall clock that the test turns for one process, which every other process and every timer of the kernel is left
/// alone by: a library that the process loads first adds an offset to what the C library says about the time of day.
///
/// Not libfaketime: that one (0.9.10) also moves the absolute deadlines of timers that count on the monotonic clock, so
/// that every Swift task that sleeps while the clock is turned back sleeps for a day more.
struct WallClock {
    /// The crash suite turns its clock with the same.
    private static let source = (0..<4).reduce(URL(filePath: #filePath)) { path, _ in path.deletingLastPathComponent() }
        .appending(path: "scripts/crash/wall-clock.c").path

    /// A C compiler: SwiftPM needs one too, and the toolchain brings one.
    static let compiler: String? = {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":")
        return ["cc", "gcc", "clang"].lazy.flatMap { name in folders.map { "\($0)/\(name)" } }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }()

    /// What the process that is to live by this clock gets.
    let environment: [String: String]
    private let offset: FileHandle

    /// Builds the library; the clock is right at first.
    init(in directory: TemporaryDirectory) async throws {
        let library = directory.path("wall-clock.so")
        let compiler = try await ChildProcess(
            try #require(Self.compiler), ["-shared", "-fPIC", "-fno-builtin", "-O1", "-o", library, Self.source],
            output: directory.url.appending(path: "cc.log")
        )
        try await eventually("the library is built") { compiler.exitCode != nil }
        try #require(compiler.exitCode == 0, "\(compiler.output)")
        let file = directory.path("offset")
        try Data(count: 8).write(to: URL(filePath: file))
        self.offset = try FileHandle(forWritingTo: URL(filePath: file))
        self.environment = ["LD_PRELOAD": library, "WALL_CLOCK_OFFSET": file]
    }

    /// Turns the clock so many seconds before or behind the true time, at once.
    func set(offset seconds: Int64) throws {
        try self.offset.seek(toOffset: 0)
        try self.offset.write(contentsOf: withUnsafeBytes(of: seconds) { Data($0) })
    }
}
