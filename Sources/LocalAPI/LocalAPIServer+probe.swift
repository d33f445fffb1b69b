import NIOCore
import NIOPosix

extension LocalAPIServer {
    /// Returns once every event loop has taken up something new: the watchdog's probe.
    public func probe() async throws {
        for loop in MultiThreadedEventLoopGroup.singleton.makeIterator() {
            try await loop.submit {}.get()
        }
    }
}
