public import Foundation
import Glibc
import Synchronization

/// A program run by a test. It cannot outlive the test process, however that ends: the kernel kills it.
///
/// Standard output and error go to one file. Dropping the last reference kills the child.
public final class ChildProcess: Sendable {
    public struct LaunchFailure: Error, CustomStringConvertible {
        public let description: String
    }

    /// What became of the child; `pid` is only touched under the lock, so that no signal ever reaches a later
    /// process with the same number.
    private final class Fate: Sendable {
        struct State {
            var pid: pid_t?
            var launchError: Int32?
            var exitStatus: Int32?
        }
        let state = Mutex(State())
    }

    private let fate = Fate()
    public let outputFile: URL

    /// Starts `executable` (an absolute path) with `arguments` and, unless given, the environment of the test.
    public init(
        _ executable: String,
        _ arguments: [String],
        environment: [String: String]? = nil,
        output: URL
    ) async throws {
        self.outputFile = output
        let words = ["/usr/bin/setpriv", "--pdeathsig", "KILL", executable] + arguments
        let variables = (environment ?? ProcessInfo.processInfo.environment).map { "\($0.key)=\($0.value)" }
        // The parent-death signal is sent when the *thread* that spawned ends, so this thread stays for the child.
        Thread.detachNewThread { [fate] in
            Self.spawn(words, variables, output.path, fate)
        }
        try await eventually("the launch of \(executable)") {
            self.fate.state.withLock { $0.pid != nil || $0.launchError != nil || $0.exitStatus != nil }
        }
        if let code = self.fate.state.withLock({ $0.launchError }) {
            throw LaunchFailure(description: "\(executable) cannot be started: error \(code)")
        }
    }

    deinit {
        self.signal(SIGKILL)
    }

    /// The process id, or nil once the child has ended.
    public var processID: Int32? { self.fate.state.withLock { $0.exitStatus == nil ? $0.pid : nil } }

    public var isRunning: Bool { self.processID != nil }

    /// The exit code, or 128 + the number of the signal that ended it; nil while it runs.
    public var exitCode: Int32? { self.fate.state.withLock { $0.exitStatus } }

    /// What the child wrote so far.
    public var output: String { String(decoding: (try? Data(contentsOf: self.outputFile)) ?? Data(), as: UTF8.self) }

    /// Sends a signal; does nothing when the child has ended.
    public func signal(_ number: Int32) {
        self.fate.state.withLock { state in
            guard state.exitStatus == nil, let pid = state.pid else { return }
            kill(pid, number)
        }
    }

    /// Sends SIGTERM and waits for the end; after `grace` SIGKILL.
    public func stop(grace: Duration = .seconds(10)) async {
        self.signal(SIGTERM)
        do {
            try await eventually(within: grace, "the child ends after SIGTERM") { !self.isRunning }
        } catch {
            await self.kill9()
        }
    }

    /// Sends SIGKILL and waits for the end.
    public func kill9() async {
        self.signal(SIGKILL)
        // Not `eventually`: the wait must go on in a cancelled task too.
        while self.isRunning { await Task.yield() }
    }

    private static func spawn(_ words: [String], _ variables: [String], _ output: String, _ fate: Fate) {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        // Otherwise a child would hold open the sockets of tests beside it. Closing what is closed is no error.
        for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? [] {
            guard let descriptor = Int32(name), descriptor > 2 else { continue }
            posix_spawn_file_actions_addclose(&actions, descriptor)
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var noSignals = sigset_t()
        sigemptyset(&noSignals)
        posix_spawnattr_setsigmask(&attributes, &noSignals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))

        let argv = words.map { strdup($0) } + [nil]
        let envp = variables.map { strdup($0) } + [nil]
        defer { (argv + envp).forEach { free($0) } }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, words[0], &actions, &attributes, argv, envp)
        guard code == 0 else {
            fate.state.withLock { $0.launchError = code }
            return
        }
        fate.state.withLock { $0.pid = pid }
        var info = siginfo_t()
        while waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        fate.state.withLock { state in
            var status: Int32 = 0
            while waitpid(pid, &status, 0) < 0, errno == EINTR {}
            state.exitStatus = status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
        }
    }
}
