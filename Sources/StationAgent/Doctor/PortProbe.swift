import Glibc

/// Finds out whether a TCP port can be listened on.
enum PortProbe {
    enum Answer: Sendable, Hashable {
        case free
        case taken
        case failed(String)
    }

    /// Binds and lets go again.
    static func probe(host: String, port: Int) -> Answer {
        var hints = addrinfo()
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, String(port), &hints, &found)
        guard code == 0, let address = found else {
            return .failed("“\(host)” is no address of this machine: \(String(cString: gai_strerror(code)))")
        }
        defer { freeaddrinfo(address) }
        let descriptor = socket(address.pointee.ai_family, address.pointee.ai_socktype, 0)
        guard descriptor >= 0 else { return .failed(String(cString: strerror(errno))) }
        defer { close(descriptor) }
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        guard bind(descriptor, address.pointee.ai_addr, address.pointee.ai_addrlen) == 0 else {
            return errno == EADDRINUSE ? .taken : .failed(String(cString: strerror(errno)))
        }
        // Another listener with SO_REUSEADDR lets us bind, but not listen.
        guard listen(descriptor, 1) == 0 else {
            return errno == EADDRINUSE ? .taken : .failed(String(cString: strerror(errno)))
        }
        return .free
    }
}
