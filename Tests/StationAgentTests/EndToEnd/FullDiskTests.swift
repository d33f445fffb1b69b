import Foundation
import StationCore
import StationTestSupport
import Testing

@Suite("The daemon on a disk that takes no more")
struct FullDiskTests {
    private static let setup = AgentProcess.Setup(
        environment: ["TELEMETRY_FLUSH_INTERVAL": "200ms"], startsAtOnce: false)

    private static func storeDetail(_ agent: AgentProcess) async throws -> String {
        try await agent.health().checks?["store", "detail"]?.stringValue ?? ""
    }

    private static func readings(_ agent: AgentProcess) async throws -> Int {
        try await agent.store.number("SELECT count(*) FROM readings")
    }

    /// Says some numbers, one after the other, and waits until the last is known.
    private static func report(_ numbers: ClosedRange<Int>, _ meter: PlayedDevice, _ agent: AgentProcess) async throws {
        for number in numbers { try await meter.say("state", #"{"state":{"seq":\#(number)}}"#) }
        let id = try await agent.id(of: meter.name)
        try await eventually("the last is known") {
            try await agent.state(of: id, "seq")?.doubleValue == Double(numbers.upperBound)
        }
    }

    @Test(
        "keeps what must be kept, stops readings, says so, and goes on by itself when there is room",
        .enabled(if: SmallDisk.isPossible))
    func full() async throws {
        try await AgentProcess.run(Self.setup) { agent in
            let path = agent.directory.path("data")
            try await SmallDisk.run(at: path, mebibytes: 16, in: agent.directory) { disk in
                try await agent.start()
                try await Self.live(agent, disk)
            }
        }
    }

    @Test("starts on a full disk with the room that it has kept for that", .enabled(if: SmallDisk.isPossible))
    func start() async throws {
        try await AgentProcess.run(Self.setup) { agent in
            let path = agent.directory.path("data")
            let ballast = agent.directory.path("data/ballast")
            try await SmallDisk.run(at: path, mebibytes: 48, in: agent.directory) { disk in
                try await agent.start()
                let id = try await agent.addDevice("lamp")
                #expect(FileManager.default.fileExists(atPath: ballast))
                await agent.kill9()
                try disk.fill()
                try await agent.start()
                #expect(agent.log.contains("starts with the room that it has kept for that"))
                #expect(!FileManager.default.fileExists(atPath: ballast))
                let lamp = try await agent.play("lamp")
                try await lamp.shakeHands("{}")
                #expect(try await agent.send(["action": "toggle"], to: id).status == 202)
                #expect(try await agent.stop() == 0)

                try disk.clear()
                try await agent.start()
                #expect(FileManager.default.fileExists(atPath: ballast))
                #expect(try await agent.stop() == 0)
            }
        }
    }

    private static func live(_ agent: AgentProcess, _ disk: SmallDisk) async throws {
        let process = agent.processID
        let id = try await agent.addDevice("meter")
        let meter = try await agent.play("meter")
        try await meter.shakeHands("{}")
        try await Self.report(1...5, meter, agent)
        try await eventually("they are stored") { try await Self.readings(agent) == 5 }

        try await Self.fill(disk, agent)
        // The log of the store has given back its room meanwhile.
        try await Self.fill(disk, agent)
        try await Self.report(6...9, meter, agent)
        #expect(try await agent.send(["action": "remember", "number": 1], to: id).status == 202)
        #expect(try await agent.feed(of: id, "command_sent").count == 1)
        #expect(try await agent.health().status == 200)
        #expect(try await Self.readings(agent) == 5)
        #expect(try await agent.metrics()["station_telemetry_paused"] == 1)

        // Not a page more.
        try disk.fill()
        let answer = try await agent.api.patch("/api/devices/\(id)", json: ["name": "Other"])
        #expect(answer.status == 200 || (answer.status == 503 && (try? answer.errorCode) == "store_unavailable"))
        #expect(try await agent.health().status == 200)
        try await Self.report(10...10, meter, agent)

        try disk.clear()
        try await eventually(within: .seconds(40), "all is well") { try await agent.health().word == "ok" }
        try await eventually("all are stored") { try await Self.readings(agent) == 10 }
        #expect(try await agent.feed(of: id, "command_sent").count == 1)
        #expect(agent.processID == process)
    }

    private static func fill(_ disk: SmallDisk, _ agent: AgentProcess) async throws {
        try disk.fill(leaving: 600)
        try await eventually("readings stop") {
            try await Self.storeDetail(agent).contains("MiB free of 16): readings are not kept since")
        }
    }

    @Test("when every write fails is degraded, refuses plainly what it cannot keep, and recovers by itself")
    func unwritable() async throws {
        try await AgentProcess.run(Self.setup) { agent in
            try await agent.start()
            let id = try await agent.addDevice("meter")
            let meter = try await agent.play("meter")
            try await meter.shakeHands("{}")
            // No file may be written to beyond its first page.
            try await Self.limitFiles(of: agent, to: "4096")
            try await Self.report(1...3, meter, agent)
            try await eventually("readings stop") {
                try await Self.storeDetail(agent).contains("the disk takes no writes: readings are not kept since")
            }
            #expect(try await agent.health().status == 200)
            #expect(try await agent.health().word == "degraded")
            let answer = try await agent.api.patch("/api/devices/\(id)", json: ["name": "Other"])
            #expect(answer.status == 503)
            #expect(try answer.errorCode == "store_unavailable")
            #expect(try await agent.device(id)["name"] == "meter")

            try await Self.limitFiles(of: agent, to: "unlimited")
            try await eventually(within: .seconds(40), "all is well") { try await agent.health().word == "ok" }
            try await eventually("all are stored") { try await Self.readings(agent) == 3 }
            #expect(try await agent.api.patch("/api/devices/\(id)", json: ["name": "Other"]).status == 200)
        }
    }

    private static func limitFiles(of agent: AgentProcess, to limit: String) async throws {
        let process = try #require(agent.processID)
        let change = try await ChildProcess(
            "/usr/bin/prlimit", ["--pid", "\(process)", "--fsize=\(limit):unlimited"],
            output: agent.directory.url.appending(path: "prlimit.log"))
        try await eventually("prlimit ends") { change.exitCode != nil }
        try #require(change.exitCode == 0, "\(change.output)")
    }
}
