import Foundation
import StationTestSupport
import Testing

/// A wall clock that the test turns for one process, which every other process and every timer of the kernel is left
/// alone by: a library that the process loads first adds an offset to what the C library says about the time of day.
///
/// Not libfaketime: that one (0.9.10) also moves the absolute deadlines of timers that count on the monotonic clock, so
/// that every Swift task that sleeps while the clock is turned back sleeps for a day more.
struct WallClock {
    private static let source = """
        #define _GNU_SOURCE
        #include <fcntl.h>
        #include <stddef.h>
        #include <stdint.h>
        #include <stdlib.h>
        #include <sys/mman.h>
        #include <sys/syscall.h>
        #include <time.h>
        #include <unistd.h>

        struct timeval_of_day { time_t seconds; suseconds_t microseconds; };

        static volatile const int64_t *offset;

        __attribute__((constructor)) static void begin(void) {
            int file = open(getenv("WALL_CLOCK_OFFSET"), O_RDONLY | O_CLOEXEC);
            offset = mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, file, 0);
            close(file);
        }

        int clock_gettime(clockid_t clock, struct timespec *now) {
            int code = syscall(SYS_clock_gettime, clock, now);
            if (code == 0 && offset && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += *offset;
            return code;
        }

        int gettimeofday(struct timeval_of_day *now, void *zone) {
            struct timespec time;
            int code = clock_gettime(CLOCK_REALTIME, &time);
            if (now) *now = (struct timeval_of_day){ time.tv_sec, time.tv_nsec / 1000 };
            return code;
        }

        time_t time(time_t *place) {
            struct timespec now;
            clock_gettime(CLOCK_REALTIME, &now);
            if (place) *place = now.tv_sec;
            return now.tv_sec;
        }
        """

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
        let (source, library) = (directory.path("wall-clock.c"), directory.path("wall-clock.so"))
        try Data(Self.source.utf8).write(to: URL(filePath: source))
        let compiler = try await ChildProcess(
            try #require(Self.compiler), ["-shared", "-fPIC", "-fno-builtin", "-O1", "-o", library, source],
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
