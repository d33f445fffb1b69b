import Accounts
import Foundation
import LocalAPI
import StationCore
import StationTestSupport
import Testing

@Suite("TLS")
struct TLSTests {
    /// A server that shows the certificate of `one`; `other` lies beside it.
    private func run(
        limits: LocalAPILimits = LocalAPILimits(),
        _ body: (LocalAPIFixture, ServedIdentity, TemporaryDirectory) async throws -> Void
    ) async throws {
        try await TemporaryDirectory.run { directory in
            for name in ["one", "other"] { try Certificates.make(name, in: directory.url) }
            let served = ServedIdentity(try Self.identity("one", in: directory))
            try await LocalAPIFixture.run(limits: limits, configure: { $0.identity = served }) { station in
                try await body(station, served, directory)
            }
        }
    }

    private static func identity(
        _ certificate: String, key: String? = nil, in directory: TemporaryDirectory
    ) throws
        -> TLSIdentity
    {
        try TLSIdentity(
            certificateChain: Array(Data(contentsOf: URL(filePath: directory.path("\(certificate).pem")))),
            key: Array(Data(contentsOf: URL(filePath: directory.path("\(key ?? certificate).key"))))
        )
    }

    /// Asks with curl and returns its exit code and the status.
    private func curl(
        _ arguments: [String], trusting authority: String, _ station: LocalAPIFixture, _ directory: TemporaryDirectory
    ) async throws -> (code: Int32, output: String) {
        let output = directory.url.appending(path: UUID().uuidString)
        let child = try await ChildProcess(
            "/usr/bin/curl",
            ["-sS", "-o", "/dev/null", "-w", "%{http_code}", "--cacert", directory.path("\(authority)-ca.pem")]
                + arguments + ["https://127.0.0.1:\(station.port)/health"],
            output: output
        )
        try await eventually("curl ends") { child.exitCode != nil }
        return (try #require(child.exitCode), child.output)
    }

    @Test("The API is served over TLS 1.2 and 1.3", arguments: ["1.2", "1.3"])
    func version(version: String) async throws {
        try await self.run { station, _, directory in
            let (code, output) = try await self.curl(
                ["--tlsv\(version)", "--tls-max", version], trusting: "one", station, directory
            )
            #expect(code == 0 && output == "200", "\(code) \(output)")
        }
    }

    @Test("Anything older is refused, and so is plain HTTP")
    func old() async throws {
        try await self.run { station, _, directory in
            let (code, output) = try await self.curl(
                ["--tlsv1.0", "--tls-max", "1.1", "--ciphers", "DEFAULT@SECLEVEL=0"], trusting: "one", station,
                directory
            )
            #expect(code == 35, "\(code) \(output)")
            try await RawConnection.run(
                port: station.port, sending: "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"
            ) { connection in
                try await connection.closed()
                #expect(!String(decoding: connection.received, as: UTF8.self).contains("200"))
            }
        }
    }

    @Test("New connections are shown a new certificate; those that are open go on")
    func renewal() async throws {
        try await self.run { station, served, directory in
            #expect(try await self.curl([], trusting: "other", station, directory).code == 60)
            served.replace(by: try Self.identity("other", in: directory))
            #expect(try await self.curl([], trusting: "other", station, directory).output == "200")
            #expect(try await self.curl([], trusting: "one", station, directory).code == 60)
        }
    }

    @Test("Many requests, bodies and closes work as without TLS")
    func requests() async throws {
        try await self.run { station, _, directory in
            let bearer = "Authorization: Bearer \(station.owner.accessToken.revealed)"
            let large = directory.path("large")
            try Data(repeating: 32, count: 1_200_000).write(to: URL(filePath: large))
            let url = "https://127.0.0.1:\(station.port)/api/devices"
            // curl sends the same to both addresses, the second after the first connection is closed.
            let refused = try await self.curl(
                [
                    "-H", bearer, "-H", "Content-Type: application/json", "--data-binary", "@\(large)", "-o",
                    "/dev/null", url,
                ],
                trusting: "one", station, directory
            )
            #expect(refused.code == 0 && refused.output == "413405", "\(refused)")
        }
    }

    @Test(
        "A handshake that does not come, or does not end, ends the connection", arguments: [[], [0x16, 3, 1, 2, 0, 1]])
    func slowHandshake(bytes: [UInt8]) async throws {
        var limits = LocalAPILimits()
        limits.headTime = .milliseconds(200)
        try await self.run(limits: limits) { station, _, _ in
            let connection = try await RawConnection.open(port: station.port, sending: bytes)
            defer { connection.close() }
            try await connection.closed()
        }
    }

    @Test("Beyond the limit a connection is closed before any handshake")
    func limit() async throws {
        var limits = LocalAPILimits()
        limits.connections = 1
        limits.connectionsKeptForLoopback = 0
        try await self.run(limits: limits) { station, _, directory in
            let first = try await RawConnection.open(port: station.port)
            try await eventually("it is let in") {
                station.metrics.prometheusText.contains("\nstation_http_connections 1\n")
            }
            try await RawConnection.run(port: station.port) { second in
                try await second.closed()
                #expect(second.received.isEmpty)
            }
            first.close()
            try await eventually("there is a place again") {
                try await self.curl([], trusting: "one", station, directory).output == "200"
            }
        }
    }

    @Test("A stop does not wait for peers that do not answer")
    func stop() async throws {
        try await TemporaryDirectory.run { directory in
            try Certificates.make("one", in: directory.url)
            let served = ServedIdentity(try Self.identity("one", in: directory))
            var limits = LocalAPILimits()
            // Far beyond the patience of this test: whoever waited for peers would not end in time.
            limits.stopTime = .seconds(300)
            let parts = try await LocalAPIParts.make(limits: limits) { $0.identity = served }
            let running = Task { try await parts.server.run() }
            let port = try await parts.server.boundPort
            let silent = try await RawConnection.open(port: port)
            let client = try await ChildProcess(
                "/usr/bin/openssl", ["s_client", "-quiet", "-connect", "127.0.0.1:\(port)"],
                output: directory.url.appending(path: "client")
            )
            defer {
                silent.close()
                client.signal(9)
            }
            try await eventually("both are there") {
                parts.metrics.prometheusText.contains("\nstation_http_connections 2\n")
            }
            await parts.server.stop()
            try await end(of: running)
        }
    }

    @Test("What cannot be an identity is told apart")
    func faults() throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "station-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        for name in ["one", "other"] { try Certificates.make(name, in: directory) }
        func bytes(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: directory.appending(path: name))) }
        let (certificate, key) = (try bytes("one.pem"), try bytes("one.key"))
        #expect(throws: TLSIdentity.Fault.key("does not belong to the certificate")) {
            try TLSIdentity(certificateChain: certificate, key: bytes("other.key"))
        }
        for noCertificate in [[], Array("hello".utf8), key] {
            #expect(throws: TLSIdentity.Fault.self) { try TLSIdentity(certificateChain: noCertificate, key: key) }
        }
        for noKey in [[], Array("hello".utf8), certificate] {
            #expect(
                throws: TLSIdentity.Fault.key("is not a private key in PEM, or is locked with a passphrase")
            ) { try TLSIdentity(certificateChain: certificate, key: noKey) }
        }
        let identity = try TLSIdentity(certificateChain: certificate, key: key)
        let now = SystemStationClock().wallTime
        #expect(identity.notValidBefore <= now && now < identity.notValidAfter)
        #expect(identity.notValidAfter < now.adding(.seconds(3 * 86_400)))
    }
}
