import Glibc
import Synchronization

/// The socket that systemd would listen on, read by the test.
final class SystemdSocket: Sendable {
    struct SetupFailure: Error {
        let call: String
        let code: Int32
    }

    private let descriptor: Int32
    private let messages = Mutex<[String]>([])

    /// - Parameter name: a path, or `@` and an abstract name.
    init(name: String) throws {
        self.descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard self.descriptor >= 0 else { throw SetupFailure(call: "socket", code: errno) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var path = Array(name.utf8)
        if path.first == UInt8(ascii: "@") { path[0] = 0 } else { path.append(0) }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + path.count)
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(self.descriptor, $0, length) }
        }
        guard code == 0 else { throw SetupFailure(call: "bind", code: errno) }
    }

    deinit {
        close(self.descriptor)
    }

    /// Everything received so far, oldest first.
    func received() -> [String] {
        var bytes = [UInt8](repeating: 0, count: 4096)
        return self.messages.withLock { messages in
            while true {
                let count = recv(self.descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
                guard count >= 0 else { return messages }
                messages.append(String(decoding: bytes[..<count], as: UTF8.self))
            }
        }
    }
}
