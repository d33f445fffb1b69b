import Glibc
import PollLoop
import StationCore

/// What another program prints, bounded in time and size.
struct CommandOutput: Sendable {
    /// Why there is none.
    struct Fault: Error, Sendable, CustomStringConvertible {
        let description: String
    }

    let program: String
    let arguments: [String]
    /// So many bytes are read; the rest is not waited for.
    var limit = 4 << 20
    var timeout = Duration.seconds(20)

    /// Runs the program to its end, or to the limit of time or size; then it is killed, and what it said so far counts.
    func read() async -> Result<[UInt8], Fault> {
        do throws(LoopError) {
            return try await SystemThread.value(name: "command") { self.readHere() }
        } catch {
            return .failure(Fault(description: "\(error)"))
        }
    }

    private func readHere() -> Result<[UInt8], Fault> {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return .failure(self.fault(errno)) }
        defer { close(ends[0]) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var pid: pid_t = 0
        let code = self.spawn(&pid, output: ends[1])
        close(ends[1])
        guard code == 0 else { return .failure(self.fault(code)) }
        let bytes = self.drain(ends[0])
        kill(pid, SIGKILL)
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        return .success(bytes)
    }

    private func spawn(_ pid: inout pid_t, output: Int32) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
        let words = Self.copies([self.program] + self.arguments)
        let variables = Self.copies(["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8"])
        defer { for text in words + variables { free(text) } }
        return posix_spawn(&pid, self.program, &actions, nil, words, variables)
    }

    /// As C wants them, to be freed.
    private static func copies(_ texts: [String]) -> [UnsafeMutablePointer<CChar>?] {
        texts.map { strdup($0) } + [nil]
    }

    private func drain(_ descriptor: Int32) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let clock = SystemStationClock()
        let end = clock.now.advanced(by: self.timeout)
        while bytes.count < self.limit {
            let left = clock.now.duration(to: end).milliseconds
            guard left > 0 else { break }
            var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let ready = poll(&entry, 1, Int32(clamping: left))
            if ready < 0, errno == EINTR { continue }
            guard ready > 0 else { break }
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        return bytes
    }

    private func fault(_ code: Int32) -> Fault {
        Fault(description: "\(self.program) cannot be run: \(String(cString: strerror(code)))")
    }
}
