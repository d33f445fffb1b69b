import Glibc
import LocalAPI
import StationCore
import StationTestSupport
import Testing

@Suite("Peers that do not take what they are sent")
struct SlowReaderTests {
    private static let impatient: LocalAPILimits = {
        var limits = LocalAPILimits()
        limits.writeTime = .milliseconds(300)
        return limits
    }()

    /// Requests for a long answer, one behind the other.
    private static func requests(_ count: Int, _ station: LocalAPIFixture) -> String {
        String(
            repeating: "GET /api/device-types HTTP/1.1\r\nHost: localhost\r\n\(station.bearer)\r\n", count: count)
    }

    private func send(_ text: String, on descriptor: Int32) {
        let bytes = Array(text.utf8)
        _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
    }

    @Test("An answer that nobody reads does not live for ever")
    func stalled() async throws {
        try await LocalAPIFixture.run(limits: Self.impatient) { station in
            let descriptor = LoopbackPort.connect(to: station.port, buffer: 4096)
            defer { close(descriptor) }
            let many = Self.requests(400, station)
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

    @Test("A peer that goes on reading gets all")
    func slow() async throws {
        try await LocalAPIFixture.run(limits: Self.impatient) { station in
            let descriptor = LoopbackPort.connect(to: station.port, buffer: 4096)
            defer { close(descriptor) }
            let last = "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
            self.send(Self.requests(300, station) + last, on: descriptor)
            var received = 0
            var chunk = [UInt8](repeating: 0, count: 32 * 1024)
            try await eventually("the server has said all and closed") {
                let count = recv(descriptor, &chunk, chunk.count, Int32(MSG_DONTWAIT))
                received += max(count, 0)
                return count == 0
            }
            let one = try await station.api.get("/api/device-types").body.count
            #expect(received > 300 * one)
        }
    }

    @Test("What a peer's machine does not acknowledge ends the connection: the kernel is told so")
    func acknowledgement() async throws {
        try await LocalAPIFixture.run { station in
            let descriptor = LoopbackPort.connect(to: station.port, buffer: 4096)
            defer { close(descriptor) }
            let client = try #require(LoopbackPort.ends(of: descriptor))
            var timeout: UInt32 = 0
            try await eventually("the server's end is there, with its options") {
                let server = (3..<4096).first { number in
                    LoopbackPort.ends(of: number).map { $0 == (client.remote, client.local) } ?? false
                }
                guard let server else { return false }
                var size = socklen_t(MemoryLayout<UInt32>.size)
                // The socket is there a moment before its options are set.
                return getsockopt(server, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, &timeout, &size) == 0 && timeout != 0
            }
            #expect(timeout == 30_000)
        }
    }
}
