import DeviceSimulator
import Glibc
import MQTTTransport
import StationCore
import Testing

@Suite("A fleet's plan")
struct FleetPlanTests {
    @Test("names devices by type and number")
    func series() throws {
        let names = try VirtualDeviceProfile.series(.switchPIR, count: 2).map(\.externalID.description)
        #expect(names == ["sim-switch-pir-0001", "sim-switch-pir-0002"])
        let large = try VirtualDeviceProfile.series(.climate, count: 3, prefix: "lab.7", first: 9_999)
        #expect(
            large.map(\.externalID.description) == ["lab.7-climate-9999", "lab.7-climate-10000", "lab.7-climate-10001"])
        #expect(try VirtualDeviceProfile.series(.light, count: 0).isEmpty)
    }

    @Test("refuses a prefix that cannot stand in a topic, and says so", arguments: ["a/b", "+", "ä", "a b"])
    func badPrefix(prefix: String) throws {
        let error = try #require(throws: FleetError.self) {
            _ = try VirtualDeviceProfile.series(.light, count: 1, prefix: prefix)
        }
        #expect(error == .invalidPrefix(prefix))
        #expect(error.description.contains(prefix))
    }

    private func plan(_ change: (inout FleetPlan) throws -> Void) throws -> FleetPlan {
        let station = try #require(StationID("plan"))
        var plan = FleetPlan(
            endpoint: MQTTEndpoint(host: "127.0.0.1", port: 1), stationID: station,
            devices: try VirtualDeviceProfile.series(.light, count: 1))
        try change(&plan)
        return plan
    }

    private func refusal(_ change: (inout FleetPlan) throws -> Void) async throws -> FleetError {
        let plan = try self.plan(change)
        do {
            try await VirtualFleet.run(plan) { _ in }
        } catch let error as FleetError {
            return error
        }
        throw EventNotRefused()
    }

    private struct EventNotRefused: Error {}

    @Test("is refused when a number is out of range, with the field, the value and what is allowed")
    func outOfRange() async throws {
        #expect(try await self.refusal { $0.devices = [] }.description == "“devices” is 0; allowed is 1 to 100000")
        #expect(try await self.refusal { $0.loops = 0 }.description == "“loops” is 0; allowed is 1 to 64")
        let rate = try await self.refusal { $0.load = LoadPlan(rate: 0) }
        #expect(rate.description == "“rate” is 0.0; allowed is more than 0 and at most 1000000 a second")
        let endless = try await self.refusal { $0.load = LoadPlan(rate: .nan) }
        #expect(endless.description.contains("nan"))
        let limit = try await self.refusal { plan in
            plan.load = LoadPlan(rate: 1)
            plan.load?.messageLimit = 0
        }
        #expect(limit.description == "“messageLimit” is 0; allowed is 1 or more")
        let duration = try await self.refusal { $0.duration = .zero }
        #expect(duration.description.contains("duration"))
    }

    @Test("is refused when two devices have one name")
    func repeated() async throws {
        let error = try await self.refusal { plan in
            plan.devices += try VirtualDeviceProfile.series(.light, count: 1)
        }
        #expect(error == .repeatedExternalID("sim-light-0001"))
    }

    /// Where a process may open as many files as it likes, no plan is too large.
    static var canRunOut: Bool {
        var limit = rlimit()
        return getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 && limit.rlim_max < 100_000
    }

    @Test("is refused when the process may not open as many sockets", .enabled(if: FleetPlanTests.canRunOut))
    func descriptors() async throws {
        let error = try await self.refusal { plan in
            plan.devices = try VirtualDeviceProfile.series(.light, count: 100_000)
        }
        guard case .tooFewDescriptors(let needed, let allowed) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(needed > allowed)
        #expect(error.description.contains("ulimit -n \(needed)"))
    }

    @Test("a snapshot is JSON with everything in it")
    func snapshot() throws {
        var snapshot = FleetSnapshot()
        snapshot.devices = 5
        snapshot.tally.sent.state = 40
        snapshot.tally.sent.handshake = 2
        var load = FleetSnapshot.Load()
        load.sent = 40
        load.elapsed = .seconds(4)
        snapshot.load = load
        let json = try #require(JSONValue.parse(snapshot.json.serialized()).objectValue)
        #expect(json["devices"] == 5)
        #expect(json["sent"]?.objectValue?["total"] == 42)
        #expect(json["load"]?.objectValue?["rate"]?.doubleValue == 10)
        #expect(json["load"]?.objectValue?["finished"] == true)
    }
}
