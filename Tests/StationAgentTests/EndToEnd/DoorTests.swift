import Foundation
import StationCore
import StationTestSupport
import Testing

@Suite("The doors of the daemon: TLS, inherited sockets, web origins")
struct DoorTests {
    /// A station that is not started, with two certificates beside it, of which it shows `tls.pem`.
    private func runWithTLS(_ body: (AgentProcess) async throws -> Void) async throws {
        try await AgentProcess.run(AgentProcess.Setup(yaml: "", startsAtOnce: false)) { agent in
            for name in ["one", "other"] { try Certificates.make(name, in: agent.directory.url) }
            try self.install("one", agent)
            try agent.configure(
                "http:\n  tls:\n    certFile: \(agent.directory.path("tls.pem"))\n"
                    + "    keyFile: \(agent.directory.path("tls.key"))\n"
            )
            try await body(agent)
        }
    }

    private func install(_ certificate: String, key: String? = nil, _ agent: AgentProcess) throws {
        for (name, kind) in [(certificate, "pem"), (key ?? certificate, "key")] {
            let data = try Data(contentsOf: agent.directory.url.appending(path: "\(name).\(kind)"))
            try data.write(to: agent.directory.url.appending(path: "tls.\(kind)"))
        }
    }

    /// Whether curl, trusting one authority only, is answered with 200.
    private func answers(_ agent: AgentProcess, trusting authority: String) async throws -> Bool {
        let child = try await ChildProcess(
            "/usr/bin/curl",
            [
                "-sS", "-o", "/dev/null", "-w", "%{http_code}", "--cacert",
                agent.directory.path("\(authority)-ca.pem"), "https://127.0.0.1:\(agent.port)/api/health",
            ],
            output: agent.directory.url.appending(path: UUID().uuidString)
        )
        try await eventually("curl ends") { child.exitCode != nil }
        return child.exitCode == 0 && child.output == "200"
    }

    @Test("A renewed certificate is taken over at SIGHUP; a faulty one is told and leaves the old in force")
    func renewal() async throws {
        try await self.runWithTLS { agent in
            try await agent.launch()
            try await eventually("it answers over TLS") { try await self.answers(agent, trusting: "one") }
            #expect(agent.log.contains("the certificate needs attention"), "it ends in two days")

            try self.install("other", agent)
            #expect(try await self.answers(agent, trusting: "one"))
            agent.signal(SIGHUP)
            try await eventually("it shows the new one") { try await self.answers(agent, trusting: "other") }
            #expect(try await !self.answers(agent, trusting: "one"))

            try self.install("one", key: "other", agent)
            agent.signal(SIGHUP)
            try await eventually("it tells the fault") {
                agent.log.contains("the certificate is faulty; the old one stays")
            }
            #expect(agent.log.contains("\(agent.directory.path("tls.key")) does not belong to the certificate"))
            #expect(try await self.answers(agent, trusting: "other"))

            try self.install("one", agent)
            try agent.configure("log:\n  level: info\n")
            agent.signal(SIGHUP)
            try await eventually("it tells what waits") {
                agent.log.contains("TLS is switched on or off at the next start only")
            }
            #expect(try await self.answers(agent, trusting: "other"))
            #expect(try await agent.stop() == 0)
        }
    }

    @Test(
        "A certificate that cannot be used ends the start with 78 and names the file, and doctor says the same",
        arguments: ["key", "noCertificate", "noKey", "locked"])
    func refusal(fault: String) async throws {
        try await self.runWithTLS { agent in
            let (certificate, key) = (agent.directory.path("tls.pem"), agent.directory.path("tls.key"))
            let message: String
            switch fault {
            case "key":
                try self.install("one", key: "other", agent)
                message = "http.tls.keyFile (TLS_KEY_FILE): \(key) does not belong to the certificate"
            case "noCertificate":
                try Data("hello".utf8).write(to: URL(filePath: certificate))
                message = "http.tls.certFile (TLS_CERT_FILE): \(certificate) is not a certificate in PEM"
            case "noKey":
                try Data(contentsOf: URL(filePath: certificate)).write(to: URL(filePath: key))
                message = "http.tls.keyFile (TLS_KEY_FILE): \(key) is not a private key in PEM"
            default:
                let output = agent.directory.url.appending(path: "openssl.log")
                let arguments = [
                    "ec", "-in", agent.directory.path("one.key"), "-out", key, "-aes128", "-passout", "pass:x",
                ]
                try Certificates.run("/usr/bin/openssl", arguments, output: output, then: ())
                message = "or is locked with a passphrase"
            }
            let file = agent.directory.path("station-agent.yaml")
            let outcome = try await agent.command(["run", "--config", file])
            #expect(outcome.code == 78, "\(outcome)")
            #expect(outcome.errors.contains(message), "\(outcome)")
            #expect(!FileManager.default.fileExists(atPath: agent.directory.path("data")), "nothing was begun")

            let doctor = try await agent.command(["doctor", "--config", file])
            #expect(doctor.code == 1)
            #expect(doctor.output.contains("FAILED   certificate: \(agent.directory.path("tls."))"), "\(doctor)")
        }
    }

    @Test("doctor warns of a certificate that will soon end")
    func doctor() async throws {
        try await self.runWithTLS { agent in
            let doctor = try await agent.command(["doctor", "--config", agent.directory.path("station-agent.yaml")])
            #expect(!doctor.output.contains("FAILED   certificate"), "\(doctor)")
            #expect(doctor.output.contains("warning  certificate: the certificate expires at 20"), "\(doctor)")
            #expect(doctor.output.contains("→ Renew \(agent.directory.path("tls.pem"))"))
        }
    }

    @Test("Web origins are taken over at SIGHUP")
    func origins() async throws {
        let origin = "https://app.example"
        try await AgentProcess.run(AgentProcess.Setup(yaml: "log:\n  level: info\n")) { agent in
            func shared() async throws -> String? {
                try await HTTPProbe(port: agent.port).get("/health", headers: ["Origin": origin])[
                    "Access-Control-Allow-Origin"]
            }
            #expect(try await shared() == nil)
            try agent.configure("http:\n  corsOrigins: [\(origin)]\n")
            agent.signal(SIGHUP)
            try await eventually("the page may read") { try await shared() == origin }
            try agent.configure("log:\n  level: info\n")
            agent.signal(SIGHUP)
            try await eventually("it may no more") { try await shared() == nil }
        }
    }

    /// Opens sockets as systemd does and becomes the daemon.
    private static let launcher = """
        import os, socket, sys
        listening = socket.socket()
        listening.bind(("127.0.0.1", int(sys.argv[1])))
        listening.listen()
        others = [socket.socket(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM), socket.socket(socket.AF_UNIX)]
        kept = [os.dup(one.fileno()) for one in [listening] + others[:int(sys.argv[2])]]
        for number, descriptor in enumerate(kept): os.dup2(descriptor, 20 + number)
        os.closerange(3, 20)
        for number in range(len(kept)): os.dup2(20 + number, 3 + number)
        os.closerange(3 + len(kept), 64)
        os.environ["LISTEN_PID"] = str(os.getpid() + int(sys.argv[3]))
        os.environ["LISTEN_FDS"] = str(len(kept))
        os.execv(sys.argv[4], sys.argv[4:])
        """

    private func launch(
        _ agent: AgentProcess, on port: Int, others: Int = 0, pidOffset: Int = 0
    ) async throws -> ChildProcess {
        try await ChildProcess(
            "/usr/bin/python3",
            ["-c", Self.launcher, "\(port)", "\(others)", "\(pidOffset)", AgentProgram.path, "run"],
            environment: AgentProgram.environment.merging(agent.environment) { $1 },
            output: agent.directory.url.appending(path: UUID().uuidString)
        )
    }

    @Test(
        "Sockets that systemd has opened go before HOST and PORT; what is none is told and closed", arguments: [0, 3])
    func activation(others: Int) async throws {
        try await AgentProcess.run(AgentProcess.Setup(startsAtOnce: false)) { agent in
            let port = LoopbackPort.unused()
            let child = try await self.launch(agent, on: port, others: others)
            defer { child.signal(SIGKILL) }
            try await eventually("it answers on the inherited socket") {
                try #require(child.isRunning, "\(child.output)")
                return LoopbackPort.accepts(port)
            }
            // Connections wait in the socket's queue from before the start on.
            #expect(try await HTTPProbe(port: port).get("/api/health").status == 200)
            #expect(!LoopbackPort.accepts(agent.port))
            #expect(child.output.ranges(of: "what systemd handed over is not taken").count == others)
            if others > 0 {
                for reason in ["descriptor 4 does not listen", "5 is not a stream socket", "6 is not a TCP socket"] {
                    #expect(child.output.contains(reason))
                }
                let pid = try #require(child.processID)
                let second = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/fd/3")
                #expect(second.hasPrefix("socket:"))
            }
            child.signal(SIGTERM)
            try await eventually("it ends") { child.exitCode != nil }
            #expect(child.exitCode == 0)
        }
    }

    @Test("Sockets that are meant for another process are left alone")
    func foreignSockets() async throws {
        try await AgentProcess.run(AgentProcess.Setup(startsAtOnce: false)) { agent in
            let child = try await self.launch(agent, on: LoopbackPort.unused(), pidOffset: 1)
            defer { child.signal(SIGKILL) }
            try await eventually("it listens where its configuration says") {
                try #require(child.isRunning, "\(child.output)")
                return LoopbackPort.accepts(agent.port)
            }
            #expect(try await HTTPProbe(port: agent.port).get("/api/health").status == 200)
        }
    }
}
