import Glibc

/// The listening sockets that systemd opened for the service (sd_listen_fds(3)): for ports that need a privilege which
/// the service itself does not have.
struct InheritedSockets: Sendable, Hashable {
    /// The descriptors begin behind standard error.
    private static let first: Int32 = 3
    /// More than anybody has addresses to listen on; a number out of a broken environment must not close everything.
    private static let maximumCount: Int32 = 64
    private static let variables = ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"]

    /// TCP sockets that listen.
    let descriptors: [Int32]
    /// What else was handed over and is closed again, in words.
    let refused: [String]

    /// Takes over what is meant for this process, once: neither a second call nor a child finds it again.
    static func take(environment: [String: String], processID: Int32) -> InheritedSockets {
        guard environment["LISTEN_PID"] == String(processID),
            let count = environment["LISTEN_FDS"].flatMap(Int32.init), (1...Self.maximumCount).contains(count)
        else { return InheritedSockets(descriptors: [], refused: []) }
        for variable in Self.variables { unsetenv(variable) }
        var descriptors: [Int32] = []
        var refused: [String] = []
        for descriptor in Self.first..<(Self.first + count) {
            if let reason = Self.fault(of: descriptor) {
                refused.append("descriptor \(descriptor) \(reason)")
                close(descriptor)
            } else {
                descriptors.append(descriptor)
            }
        }
        return InheritedSockets(descriptors: descriptors, refused: refused)
    }

    /// What is wrong with a descriptor; `nil` for a TCP socket that listens.
    private static func fault(of descriptor: Int32) -> String? {
        guard fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 else { return "is not open" }
        guard let kind = Self.option(SO_TYPE, of: descriptor) else { return "is not a socket" }
        guard kind == Int32(SOCK_STREAM.rawValue) else { return "is not a stream socket" }
        let family = Self.option(SO_DOMAIN, of: descriptor)
        guard family == AF_INET || family == AF_INET6 else { return "is not a TCP socket" }
        guard Self.option(SO_ACCEPTCONN, of: descriptor) == 1 else { return "does not listen" }
        return nil
    }

    /// The port of the first; `nil` without any. It goes before the configured one.
    var port: Int? {
        guard let descriptor = self.descriptors.first else { return nil }
        var address = sockaddr_in6()
        var size = socklen_t(MemoryLayout<sockaddr_in6>.size)
        let isTold = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) == 0 }
        }
        // The port of an IPv4 address is at the same place.
        return isTold ? Int(UInt16(bigEndian: address.sin6_port)) : nil
    }

    private static func option(_ name: Int32, of descriptor: Int32) -> Int32? {
        var value: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, SOL_SOCKET, name, &value, &size) == 0 ? value : nil
    }
}
