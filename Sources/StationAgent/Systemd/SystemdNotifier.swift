import Glibc
import Logging

/// Tells systemd how the service is, over the datagram socket that `NOTIFY_SOCKET` names. Without one it does nothing.
struct SystemdNotifier: Sendable {
    private static let sendTimeoutSeconds = 2

    private let socketName: String?
    private let logger: Logger

    /// - Parameter socketName: an absolute path, or `@` and an abstract name.
    init(socketName: String?, logger: Logger) {
        self.socketName = socketName.flatMap { $0.isEmpty ? nil : $0 }
        self.logger = logger
    }

    init(environment: [String: String], logger: Logger) {
        self.init(socketName: environment["NOTIFY_SOCKET"], logger: logger)
    }

    /// Whether anybody listens.
    var isActive: Bool { self.socketName != nil }

    /// Sends the messages as one datagram. A failure is logged and does no harm otherwise: a station that works must
    /// not stop because systemd does not hear of it.
    func notify(_ messages: SystemdMessage...) {
        guard let socketName else { return }
        let text = messages.map(\.wireText).joined(separator: "\n")
        let code = Self.send(Array(text.utf8), to: socketName)
        guard code != 0 else { return }
        self.logger.warning(
            "systemd could not be told",
            metadata: [
                "socket": "\(socketName)", "notification": "\(text)", "error": "\(String(cString: strerror(code)))",
            ])
    }

    /// Returns 0 or `errno`.
    private static func send(_ bytes: [UInt8], to name: String) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var path = Array(name.utf8)
        guard path.first == UInt8(ascii: "/") || path.first == UInt8(ascii: "@") else { return EAFNOSUPPORT }
        // An abstract name begins with a zero byte and has none at its end.
        let isAbstract = path[0] == UInt8(ascii: "@")
        if isAbstract { path[0] = 0 } else { path.append(0) }
        let room = MemoryLayout.size(ofValue: address.sun_path)
        guard path.count <= room else { return ENAMETOOLONG }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
        let length = MemoryLayout<sockaddr_un>.size - room + path.count

        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return errno }
        defer { close(descriptor) }
        // Should systemd's queue be full, wait for it, but not for ever. Without the limit it would just be longer.
        var limit = timeval(tv_sec: self.sendTimeoutSeconds, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        while true {
            let count = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { target in
                    sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), target, socklen_t(length))
                }
            }
            if count >= 0 { return 0 }
            guard errno == EINTR else { return errno }
        }
    }
}
