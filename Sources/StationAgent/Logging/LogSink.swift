import Glibc
import Synchronization

/// A file descriptor to which whole lines are written, one at a time.
final class LogSink: Sendable {
    private let descriptor: Int32
    /// Whether systemd's journal reads along and takes a leading `<N>` as the priority.
    let isJournal: Bool
    private let turn = Mutex(())

    /// - Parameter descriptor: stays open as long as the sink; nobody else closes it.
    init(descriptor: Int32, isJournal: Bool = false) {
        self.descriptor = descriptor
        self.isJournal = isJournal
    }

    /// Standard error; the journal is at its other end if `JOURNAL_STREAM` names the very same file (systemd.exec(5)).
    static func standardError(environment: [String: String]) -> LogSink {
        var facts = stat()
        let name = fstat(STDERR_FILENO, &facts) == 0 ? "\(facts.st_dev):\(facts.st_ino)" : nil
        return LogSink(descriptor: STDERR_FILENO, isJournal: name != nil && environment["JOURNAL_STREAM"] == name)
    }

    /// Writes a line, which ends with a line end. What cannot be written is lost: there is nobody left to tell.
    func write(_ line: [UInt8]) {
        self.turn.withLock { _ in
            var written = 0
            while written < line.count {
                let count = line.withUnsafeBytes { buffer in
                    Glibc.write(self.descriptor, buffer.baseAddress?.advanced(by: written), buffer.count - written)
                }
                if count > 0 {
                    written += count
                } else if count < 0, errno == EAGAIN {
                    // Somebody made the pipe at the other end non-blocking. The log waits, as it would otherwise.
                    var request = pollfd(fd: self.descriptor, events: Int16(POLLOUT), revents: 0)
                    poll(&request, 1, -1)
                } else if count == 0 || errno != EINTR {
                    return
                }
            }
        }
    }
}
