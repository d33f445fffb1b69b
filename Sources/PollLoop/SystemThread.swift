internal import CLinux
internal import Glibc

/// A thread of the operating system, for what blocks: the few threads that all tasks share must never wait.
///
/// SIGPIPE is blocked on it: a write to a closed socket is an error there, never a signal that ends the process.
public struct SystemThread: Sendable {
    private let thread: pthread_t

    /// Starts a thread, which is to be joined once.
    ///
    /// - Parameters:
    ///   - name: what `top -H` shows; at most 15 bytes are used.
    ///   - work: what it does; the thread goes when this is done.
    /// - Throws: `LoopError.system` when threads have run out; then `work` is not done.
    init(name: String, work: @escaping @Sendable () -> Void) throws(LoopError) {
        var thread = pthread_t()
        let context = Unmanaged.passRetained(ThreadStart(name: name, work: work))
        let code = pthread_create(&thread, nil, runThread, context.toOpaque())
        guard code == 0 else {
            context.release()
            throw .system(call: "pthread_create", code: code)
        }
        self.thread = thread
    }

    /// Starts a thread that nobody waits for.
    ///
    /// - Parameters: As those of a thread that is to be joined.
    /// - Throws: `LoopError.system` when threads have run out; then `work` is not done.
    public static func detach(name: String, work: @escaping @Sendable () -> Void) throws(LoopError) {
        pthread_detach(try SystemThread(name: name, work: work).thread)
    }

    /// Blocks until the thread has gone.
    func join() {
        pthread_join(self.thread, nil)
    }
}

/// What a new thread needs to know.
private final class ThreadStart: Sendable {
    let name: String
    let work: @Sendable () -> Void

    init(name: String, work: @escaping @Sendable () -> Void) {
        self.name = name
        self.work = work
    }
}

private func runThread(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context else { return nil }
    let start = Unmanaged<ThreadStart>.fromOpaque(context).takeRetainedValue()
    station_name_thread(start.name)
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    start.work()
    return nil
}
