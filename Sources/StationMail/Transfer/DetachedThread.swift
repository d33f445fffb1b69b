internal import Glibc

/// A thread for one piece of work that blocks.
enum DetachedThread {
    /// Starts the thread, which goes when the work is done.
    ///
    /// - Returns: Nil, or why there is no thread; then the work is not done.
    static func start(_ work: @escaping @Sendable () -> Void) -> String? {
        var thread = pthread_t()
        let context = Unmanaged.passRetained(ThreadWork(work: work))
        let code = pthread_create(&thread, nil, runThreadWork, context.toOpaque())
        guard code == 0 else {
            context.release()
            return String(cString: strerror(code))
        }
        pthread_detach(thread)
        return nil
    }
}

private final class ThreadWork: Sendable {
    let work: @Sendable () -> Void

    init(work: @escaping @Sendable () -> Void) {
        self.work = work
    }
}

private func runThreadWork(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context else { return nil }
    // A write to a closed socket is an error here, never a signal that ends the process.
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    Unmanaged<ThreadWork>.fromOpaque(context).takeRetainedValue().work()
    return nil
}
