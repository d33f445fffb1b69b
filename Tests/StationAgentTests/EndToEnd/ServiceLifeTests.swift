import Foundation
import StationCore
import StationTestSupport
import Testing

@Suite("The daemon as a service")
struct ServiceLifeTests {
    /// A daemon, not started yet, and what systemd hears of it; watched or not.
    private func run(
        yaml: String? = nil, isWatched: Bool = false, _ body: (AgentProcess, SystemdSocket) async throws -> Void
    ) async throws {
        let name = "@station-e2e-\(UUID().uuidString)"
        let systemd = try SystemdSocket(name: name)
        var setup = AgentProcess.Setup(environment: ["NOTIFY_SOCKET": name], yaml: yaml, startsAtOnce: false)
        if isWatched { setup.environment["WATCHDOG_USEC"] = "150000" }
        try await AgentProcess.run(setup) { agent in
            try await body(agent, systemd)
        }
    }

    private func isReady(_ systemd: SystemdSocket) -> Bool {
        systemd.received().contains { $0.hasPrefix("READY=1") }
    }

    @Test("says READY=1 only once HTTP listens, then feeds the watchdog, and STOPPING=1 at SIGTERM")
    func ready() async throws {
        try await self.run(isWatched: true) { agent, systemd in
            try await agent.launch()
            try await eventually("READY=1") { self.isReady(systemd) }
            #expect(LoopbackPort.accepts(agent.port))
            #expect(try await agent.health().status == 200)
            try await eventually("three beats") { systemd.received().count { $0 == "WATCHDOG=1" } >= 3 }
            #expect(try await agent.stop() == 0)
            let words = systemd.received()
            #expect(words.count { $0.hasPrefix("READY=1") } == 1)
            #expect(words.count { $0.hasPrefix("STOPPING=1") } == 1)
            let stopping = try #require(words.firstIndex { $0.hasPrefix("STOPPING=1") })
            #expect(words.firstIndex { $0.hasPrefix("READY=1") } ?? stopping < stopping)
        }
    }

    @Test("is ready without a broker too: the first attempt is enough")
    func readyWithoutBroker() async throws {
        try await self.run { agent, systemd in
            await agent.broker.stop()
            try await agent.launch()
            try await eventually("READY=1") { self.isReady(systemd) }
            let health = try await agent.health()
            #expect(health.status == 200)
            #expect(health.word == "degraded")
            #expect(health.checks?["mqtt", "status"]?.stringValue == "degraded")
            #expect(try await agent.stop() == 0)
        }
    }

    @Test("never says READY=1 when it cannot listen")
    func neverReady() async throws {
        try await self.run { agent, systemd in
            let log = agent.directory.url.appending(path: "squatter.log")
            let squatter = try await ChildProcess("/usr/sbin/mosquitto", ["-p", "\(agent.port)"], output: log)
            defer { squatter.signal(SIGKILL) }
            try await eventually("the port is taken") { LoopbackPort.accepts(agent.port) }
            try await agent.launch()
            #expect(try await agent.ended() == 74)
            #expect(agent.log.contains("127.0.0.1:\(agent.port)"))
            #expect(!self.isReady(systemd))
        }
    }

    @Test("ends with 0 within 5 s of SIGTERM, losing nothing, beside an idle client and devices that go on sending")
    func stopUnderWay() async throws {
        try await self.run { agent, systemd in
            try await agent.start()
            let id = try await agent.addDevice("meter")
            let meter = try await agent.play("meter")
            try await meter.shakeHands("{}")
            let silent = try await RawConnection.open(port: agent.port)
            let idle = try await RawConnection.open(
                port: agent.port, sending: Array("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8)
            )
            defer {
                silent.close()
                idle.close()
            }
            #expect(try await idle.answer().status == 200)
            let sending = Task {
                var number = 0
                while !Task.isCancelled {
                    number += 1
                    try await meter.report("count", number)
                }
            }
            defer { sending.cancel() }
            try await eventually("the meter's reports come in") {
                try await agent.state(of: id, "count")?.doubleValue ?? 0 >= 20
            }
            #expect(!idle.isClosed)
            let seen = try #require(try await agent.state(of: id, "count")?.doubleValue)
            let begin = ContinuousClock.now
            #expect(try await agent.stop() == 0)
            #expect(begin.duration(to: .now) < .seconds(5))
            #expect(systemd.received().contains { $0.hasPrefix("STOPPING=1") })
            try await idle.closed()
            let stored = try await agent.store.number("SELECT CAST(max(value) AS INTEGER) FROM readings")
            #expect(stored >= Int(seen))
            #expect(!agent.log.contains(" ERROR ") && !agent.log.contains(" WARNING "), "a stop is no fault")
        }
    }

    @Test("SIGHUP reads the log level again; a broken file is told and the old level stays")
    func reload() async throws {
        try await self.run(yaml: "log:\n  level: info\n") { agent, systemd in
            try await agent.start()
            let processID = agent.processID
            let debugLines = { agent.log.split(separator: "\n").count { $0.contains(" DEBUG ") } }
            #expect(debugLines() == 0)

            try agent.configure("log:\n  level: debug\n")
            agent.signal(SIGHUP)
            try await eventually("it has read the file") { agent.log.contains("the configuration was read again") }
            _ = try await agent.health()
            try await eventually("a debug line") { debugLines() > 0 }
            try await eventually("systemd hears of the reload") {
                let words = systemd.received()
                guard let begin = words.firstIndex(where: { $0.hasPrefix("RELOADING=1\nMONOTONIC_USEC=") }) else {
                    return false
                }
                return words[begin...].contains("READY=1")
            }

            for (number, yaml) in ["log:\n  level: loud\n", "log:\n  level: [\n"].enumerated() {
                try agent.configure(yaml)
                agent.signal(SIGHUP)
                try await eventually("it tells the fault") {
                    let told = agent.log.ranges(of: "the configuration is faulty; the old one stays")
                    return told.count == number + 1
                }
            }
            #expect(agent.log.contains("log.level (LOG_LEVEL) = “loud”"))
            let before = debugLines()
            _ = try await agent.health()
            try await eventually("the level is still debug") { debugLines() > before }
            #expect(agent.processID == processID)
        }
    }
}
