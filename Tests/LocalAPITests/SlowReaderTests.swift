import Glibc
import LocalAPI
import StationCore
import StationTestSupport
import Testing

@Suite("Peers that do not take what they are sent")
struct SlowReaderTests {
    /// A TCP connection of the kernel's own: nobody reads from it unless the test does.
    private func connect(to port: Int) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        try #require(descriptor >= 0)
        var small: Int32 = 4096
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &small, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(code == 0)
        return descriptor
    }

    private func send(_ text: String, on descriptor: Int32) {
        let bytes = Array(text.utf8)
        _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
    }

    @Test("An answer that nobody reads does not live for ever")
    func stalled() async throws {
        var limits = LocalAPILimits()
        limits.writeTime = .milliseconds(500)
        try await LocalAPIFixture.run(limits: limits) { station in
            let descriptor = try self.connect(to: station.port)
            defer { close(descriptor) }
            let request =
                "GET /api/device-types HTTP/1.1\r\nHost: localhost\r\n"
                + "\(station.bearer)\r\n"
            let many = String(repeating: request, count: 400)
            try await eventually("the connection is there") {
                station.metrics.prometheusText.contains("\nstation_http_connections 1\n")
            }
            try await eventually("the connection is closed") {
                // The kernel keeps some megabytes for a peer; more than that must be asked for.
                self.send(many, on: descriptor)
                return station.metrics.prometheusText.contains("\nstation_http_connections 0\n")
            }
            expectStatus(try await station.stranger.get("/health"), 200)
        }
    }

    @Test("A peer that reads slowly, but reads, gets all")
    func slow() async throws {
        var limits = LocalAPILimits()
        limits.writeTime = .milliseconds(500)
        try await LocalAPIFixture.run(limits: limits) { station in
            let descriptor = try self.connect(to: station.port)
            defer { close(descriptor) }
            let request =
                "GET /api/device-types HTTP/1.1\r\nHost: localhost\r\n"
                + "\(station.bearer)\r\n"
            let last = "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
            self.send(String(repeating: request, count: 300) + last, on: descriptor)
            var received = 0
            var chunk = [UInt8](repeating: 0, count: 32 * 1024)
            while true {
                let count = recv(descriptor, &chunk, chunk.count, 0)
                try #require(count >= 0)
                guard count > 0 else { break }
                received += count
                // Slow against the server, whose answers pile up meanwhile; far from the limit.
                await Task.yield()
            }
            let one = try await station.api.get("/api/device-types").body.count
            #expect(received > 300 * one)
        }
    }

    @Test("What a peer's machine does not acknowledge ends the connection: the kernel is told so")
    func acknowledgement() async throws {
        try await LocalAPIFixture.run { station in
            let descriptor = try self.connect(to: station.port)
            defer { close(descriptor) }
            let port = Self.name(of: descriptor, getsockname)
            var timeout: UInt32 = 0
            try await eventually("the server's end is there") {
                guard let server = (0..<4096).map(Int32.init).first(where: { Self.name(of: $0, getpeername) == port })
                else { return false }
                var size = socklen_t(MemoryLayout<UInt32>.size)
                return getsockopt(server, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, &timeout, &size) == 0
            }
            #expect(timeout == 30_000)
        }
    }

    private static func name(
        of descriptor: Int32, _ ask: (Int32, UnsafeMutablePointer<sockaddr>?, UnsafeMutablePointer<socklen_t>?) -> Int32
    ) -> UInt16? {
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { ask(descriptor, $0, &size) }
        }
        return code == 0 && address.sin_family == AF_INET ? address.sin_port : nil
    }
}
