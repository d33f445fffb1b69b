import Glibc
import Synchronization

/// TCP ports on 127.0.0.1 for servers that stop and come back on the same number.
public enum LoopbackPort {
    /// Outside the range from which the kernel takes ports for outgoing connections: so none of those can sit on a port
    /// (or, connecting to it, meet itself) while the test's server is down.
    private static let range = 15_000..<32_000
    /// Each process begins elsewhere.
    private static let next = Atomic(Int(getpid()) &* 7_919)

    /// A port that nobody uses now, and that is given to nobody else in this process.
    public static func unused() -> Int {
        while true {
            let number = self.next.add(1, ordering: .relaxed).oldValue
            let port = self.range.lowerBound + abs(number % self.range.count)
            if self.isFree(port) { return port }
        }
    }

    /// Calls `start` with an unused port; once more with another when it throws, as another process may have been
    /// quicker.
    static func tryUnused<Result>(
        isolation: isolated (any Actor)? = #isolation,
        _ start: (Int) async throws -> Result
    ) async throws -> Result {
        for _ in 0..<4 {
            if let result = try? await start(self.unused()) { return result }
        }
        return try await start(self.unused())
    }

    /// Whether a server could bind the port now.
    public static func isFree(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return Self.withAddress(port) { bind(descriptor, $0, $1) } == 0
    }

    /// Whether somebody listens on the port now.
    public static func accepts(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return Self.withAddress(port) { Glibc.connect(descriptor, $0, $1) } == 0
    }

    /// Opens a connection of the kernel's own, from which nobody reads unless the test does; the caller closes it.
    ///
    /// - Parameter buffer: How many bytes the kernel keeps for a slow reader, about.
    /// - Returns: Its descriptor; negative when nobody listens.
    public static func connect(to port: Int, buffer: Int32) -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var size = buffer
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        guard Self.withAddress(port, { Glibc.connect(descriptor, $0, $1) }) == 0 else {
            Glibc.close(descriptor)
            return -1
        }
        return descriptor
    }

    /// The ports at this end of an IPv4 connection and at the other; `nil` for any other descriptor.
    public static func ends(of descriptor: Int32) -> (local: UInt16, remote: UInt16)? {
        guard let local = Self.port(of: descriptor, getsockname), let remote = Self.port(of: descriptor, getpeername)
        else { return nil }
        return (local, remote)
    }

    private static func port(
        of descriptor: Int32, _ ask: (Int32, UnsafeMutablePointer<sockaddr>?, UnsafeMutablePointer<socklen_t>?) -> Int32
    ) -> UInt16? {
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { ask(descriptor, $0, &size) }
        }
        return code == 0 && address.sin_family == AF_INET ? UInt16(bigEndian: address.sin_port) : nil
    }

    private static func withAddress(_ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
