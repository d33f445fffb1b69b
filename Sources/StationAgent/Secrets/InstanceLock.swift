import Glibc
import Synchronization

/// Keeps a second daemon away from the store: a lock of the kernel on `DATA_DIR/station-agent.lock`, let go by `release`, when
/// this value goes, and by the kernel however the process ends.
final class InstanceLock: Sendable {
    private static let attempts = 5
    private static let pauseNanoseconds = 20_000_000

    /// Nil once let go.
    private let descriptor: Mutex<Int32?>

    /// - Throws: `StorageError`, of kind `inUse` if another process has the lock.
    init(path: String) throws(StorageError) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw StorageError(path, cannotBe: "opened", code: errno) }
        guard Self.lock(descriptor) else {
            let code = errno
            let pid = Self.writtenPID(descriptor)
            close(descriptor)
            guard code == EWOULDBLOCK else { throw StorageError(path, cannotBe: "locked", code: code) }
            throw Self.inUse(path, by: pid)
        }
        Self.write(pid: getpid(), to: descriptor)
        self.descriptor = Mutex(descriptor)
    }

    deinit {
        self.release()
    }

    /// Lets the next one in.
    func release() {
        self.descriptor.withLock { descriptor in
            guard let open = descriptor else { return }
            // Closing alone would leave the lock to a child process that has not yet come to its own program.
            flock(open, LOCK_UN)
            close(open)
            descriptor = nil
        }
    }

    /// Whether a daemon is at work there. Without a lock file, or without leave to open it, nobody is known to be.
    static func isHeld(_ path: String) -> Bool {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        guard flock(descriptor, LOCK_SH | LOCK_NB) == 0 else { return errno == EWOULDBLOCK }
        flock(descriptor, LOCK_UN)
        return false
    }

    /// Tries a few times: `isHeld` of another process holds the lock for a moment.
    private static func lock(_ descriptor: Int32) -> Bool {
        for attempt in 1...self.attempts {
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
            guard errno == EWOULDBLOCK || errno == EINTR, attempt < self.attempts else { return false }
            var pause = timespec(tv_sec: 0, tv_nsec: self.pauseNanoseconds)
            nanosleep(&pause, nil)
        }
        return false
    }

    private static func inUse(_ path: String, by pid: Int32?) -> StorageError {
        let directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        return StorageError(
            kind: .inUse(pid: pid), path: directory,
            problem: "is in use: another station-agent (\(pid.map { "pid \($0)" } ?? "pid unknown")) already uses it",
            remedy: "Stop that one first, or set DATA_DIR to another directory")
    }

    private static func writtenPID(_ descriptor: Int32) -> Int32? {
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        guard count > 0 else { return nil }
        return Int32(String(decoding: bytes[..<count], as: UTF8.self).trimmed)
    }

    /// For people who look into the file and for the message above; the lock itself does not need it.
    private static func write(pid: Int32, to descriptor: Int32) {
        let text = Array("\(pid)\n".utf8)
        guard ftruncate(descriptor, 0) == 0 else { return }
        pwrite(descriptor, text, text.count, 0)
    }
}
