import LabCloud
import StationCore
import StationTestSupport
import Synchronization
import Testing

@Suite("kill -9 while the cloud speaks and is spoken to", .timeLimit(.minutes(5)))
struct CloudCrashTests {
    private static let rounds = 50
    /// The most that happens before the end of a round.
    private static let longestRound = 60

    /// One station, its cloud, and what is known of both from outside.
    private final class Scene: Sendable {
        private struct Facts {
            /// The last list that was handed to the socket, and the last of whose effect the station has told.
            var lastSent = 0
            var lastConfirmed = 0
            var lastName = 0
            /// The names that the API has said the lamp has.
            var names: [Int] = []
            var steps = 0
            var isOver = false
        }

        let agent: AgentProcess
        let lab: LabCloud
        let chipID: String
        let lamp: String
        private let facts = Mutex(Facts())

        init(agent: AgentProcess, lab: LabCloud, chipID: String, lamp: String) {
            self.agent = agent
            self.lab = lab
            self.chipID = chipID
            self.lamp = lamp
        }

        var names: [Int] { self.facts.withLock { $0.names } }
        /// The lists of which one must be in the store.
        var possibleLists: ClosedRange<Int> {
            self.facts.withLock { $0.lastConfirmed...max($0.lastConfirmed, $0.lastSent) }
        }
        var isOver: Bool { self.facts.withLock { $0.isOver } }

        /// How much has happened: lists, answers, facts, and what the cloud has heard.
        var steps: Int {
            let heard = self.lab.station(self.chipID)?.notifications.values.reduce(0, +) ?? 0
            return self.facts.withLock { $0.steps } + heard
        }

        func begin() {
            self.facts.withLock { $0.isOver = false }
        }

        func end() {
            self.facts.withLock { $0.isOver = true }
        }

        func nextList() -> Int {
            self.facts.withLock { facts in
                facts.lastSent += 1
                facts.steps += 1
                return facts.lastSent
            }
        }

        func confirm(_ list: Int) {
            self.facts.withLock { facts in
                facts.lastConfirmed = max(facts.lastConfirmed, list)
                facts.steps += 1
            }
        }

        func nextName() -> Int {
            self.facts.withLock { facts in
                facts.lastName += 1
                return facts.lastName
            }
        }

        func note(_ name: Int) {
            self.facts.withLock { facts in
                facts.names.append(name)
                facts.steps += 1
            }
        }
    }

    @Test(
        "50 times at random: the members are those of one list, and no fact that the API told is missing at the cloud")
    func rounds() async throws {
        var options = LabOptions()
        options.claimsEverybody = true
        options.logCapacity = 1_000_000
        try await LabCloud.run(options: options) { lab in
            let setup = AgentProcess.Setup(environment: ["CLOUD_HOST": "ws://127.0.0.1:\(lab.port)"])
            try await AgentProcess.run(setup) { agent in try await Self.run(agent, lab) }
        }
    }

    private static func run(_ agent: AgentProcess, _ lab: LabCloud) async throws {
        try await eventually("the station is claimed") { lab.stations.first?.presence == .authenticated }
        let lamp = try await agent.addDevice("lamp")
        // The command line has added it: the daemon looks what other processes have done.
        try await eventually("the daemon knows the lamp") {
            try await agent.api.get("/api/devices/\(lamp)").status == 200
        }
        let scene = Scene(
            agent: agent, lab: lab, chipID: try #require(lab.stations.first).chipID, lamp: lamp)
        try await Self.send(scene.nextList(), isConfirmed: true, scene)
        var random = RepeatableRandom(seed: 20_261_127)
        for round in 1...Self.rounds {
            try await Self.crash(scene, &random)
            try await agent.start()
            try await Self.check(scene, "after round \(round)")
        }
        lab.behave(LabHabits(), towards: [scene.chipID])
        // What was told and not acknowledged is told again on the next link.
        await agent.kill9()
        try await agent.start()
        try await eventually("all is delivered") {
            try await agent.get("/api/cloud/status")["outboxDepth"] == 0
        }
        try Self.checkDelivery(scene)
        #expect(try await agent.stop() == 0)
    }

    // MARK: A round

    /// Lets the cloud and the owner do what they can, and kills the station in the middle.
    private static func crash(_ scene: Scene, _ random: inout RepeatableRandom) async throws {
        var habits = LabHabits()
        habits.acknowledges = !random.once(in: 3)
        scene.lab.behave(habits, towards: [scene.chipID])
        let steps = scene.steps + Int.random(in: 1...Self.longestRound, using: &random)
        // Some bursts are in one piece, and some wait for the station's word.
        let pace = Int.random(in: 1...12, using: &random)
        scene.begin()
        async let lists: Void = Self.sendLists(scene, pace)
        async let names: Void = Self.changeNames(scene)
        do {
            try await eventually("enough has happened") { scene.steps >= steps }
            await scene.agent.kill9()
            scene.end()
        } catch {
            scene.end()
            throw error
        }
        _ = await (lists, names)
    }

    private static func sendLists(_ scene: Scene, _ pace: Int) async {
        var count = 0
        while !scene.isOver {
            count += 1
            do {
                try await Self.send(scene.nextList(), isConfirmed: count % pace == 0, scene)
            } catch {
                // The station is gone: that is what this is about.
                return
            }
        }
    }

    /// Sends a list; one that is confirmed is followed by a call, which is answered when the list has had its effect.
    private static func send(_ list: Int, isConfirmed: Bool, _ scene: Scene) async throws {
        try await scene.lab.send(CloudRosters.message(list), to: scene.chipID)
        guard isConfirmed else { return }
        let reply = try await scene.lab.call("device_types.list", of: scene.chipID)
        guard case .result = reply else {
            Issue.record("\(reply)")
            return
        }
        scene.confirm(list)
    }

    /// Gives the lamp a new name and another, each when the one before is answered.
    private static func changeNames(_ scene: Scene) async {
        while !scene.isOver {
            let name = scene.nextName()
            do {
                let answer = try await scene.agent.api.patch(
                    "/api/devices/\(scene.lamp)", json: ["name": .string("Lamp \(name)")])
                guard answer.status == 200 else {
                    Issue.record("\(answer.status) \(answer.text)")
                    return
                }
                scene.note(name)
            } catch {
                return
            }
        }
    }

    // MARK: What must be so

    private static func check(_ scene: Scene, _ when: String) async throws {
        let found = try await scene.agent.store.run("PRAGMA quick_check; \(CloudRosters.query)")
        #expect(found.first == "ok", "\(when)")
        let lines = Array(found.dropFirst())
        let number = try #require(CloudRosters.number(in: lines), "\(when): \(lines)")
        #expect(lines == CloudRosters.lines(number), "\(when): it is not list \(number) as it was sent")
        #expect(scene.possibleLists.contains(number), "\(when): \(number) is not one of \(scene.possibleLists)")
        let names = try await scene.agent.device(scene.lamp)["name"]?.stringValue
        let last = scene.names.last ?? 0
        let name = names.flatMap { Int($0.dropFirst(5)) } ?? 0
        // The change that was under way may have been done without its answer.
        #expect(name == last || name > last, "\(when): “\(names ?? "")” after \(last)")
    }

    private static func checkDelivery(_ scene: Scene) throws {
        let told = scene.lab.messages(from: scene.chipID).filter { $0["method"] == "device.updated" }
        var paramsByID: [String: JSONValue] = [:]
        var order: [Int] = []
        var doubles = 0
        for message in told {
            let id = try #require(message["params", "eventId"]?.stringValue, "\(message)")
            let params = try #require(message["params"])
            if let before = paramsByID.updateValue(params, forKey: id) {
                #expect(before == params, "told twice, and not the same")
                doubles += 1
                continue
            }
            let name = try #require(params["device", "name"]?.stringValue)
            order.append(try #require(Int(name.dropFirst(5)), "\(name)"))
        }
        #expect(Set(order).count == order.count, "a change under two ids")
        #expect(order == order.sorted(), "told in another order")
        let missing = Set(scene.names).subtracting(order)
        #expect(missing.isEmpty, "the cloud was never told of \(missing.sorted())")
        #expect(scene.names.count > Self.rounds)
        let station = try #require(scene.lab.station(scene.chipID))
        #expect(station.authentications >= Self.rounds)
        #expect(station.refusals == 0 && station.errors == 0)
        #expect(station.duplicates >= doubles && doubles > 0)
    }
}
