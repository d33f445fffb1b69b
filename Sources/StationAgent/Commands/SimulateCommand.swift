import ArgumentParser
import DeviceSimulator
import Logging
import MQTTTransport
import StationCore
import StationData

/// `station-agent simulate`: ESP32s that speak the firmware's exact protocol, for trying out, tests and load.
struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Play ESP32s that speak the firmware's exact protocol.",
        discussion: """
            The devices connect to the station's broker, shake hands, report and obey. With --register or --demo they \
            are added to the station's store first, and those that are there get new tokens: a broker that confines \
            devices lets nobody else in.
            """
    )

    @OptionGroup var options: ConfigurationOptions
    @Option(help: "Types, separated by commas: climate, pir, switch-pir, light. With several, --count of each.")
    var type = "climate"
    @Option(help: "How many devices of each type.")
    var count = 10
    @Option(help: "State messages a second, of all devices together; without, each reports as the firmware does.")
    var rate: Double?
    @Option(help: "With --rate: 0 or 1.")
    var qos = 1
    @Option(help: "With --rate: end after so many messages.")
    var messages: Int?
    @Option(help: "With --rate: a key under which each device numbers its messages, so that a loss shows.")
    var sequenceKey: String?
    @Flag(help: "With --rate: begin once the devices are connected, whether the station has accepted them or not.")
    var withoutAcceptance = false
    @Option(help: "End after so many seconds.")
    var duration: Double?
    @Option(help: "The same seed gives the same values.")
    var seed: UInt64 = 1
    @Option(help: "How the external ids begin.")
    var prefix = "sim"
    @Option(help: "Threads to spread the devices over.")
    var loops = 1
    @Option(help: "The broker, such as mqtt://127.0.0.1:1883; without, the one of the configuration.")
    var broker: String?
    @Option(help: "The station's id in the topics; without, the one of this station.")
    var station: String?
    @Flag(help: "Add the devices to this station's store first, those that it does not know.")
    var register = false
    @Flag(help: "Three lively devices (a climate, a light, a switch with motion sensor), added to the station first.")
    var demo = false
    @Flag(help: "Print a line of JSON every second rather than a line of text every ten, and one at the end.")
    var json = false

    /// So long the broker is waited for.
    private static let longestWait = Duration.seconds(5)

    func validate() throws {
        guard (1...100_000).contains(self.count) else {
            throw ValidationError("--count is \(self.count); allowed are 1 to 100000.")
        }
        guard self.qos == 0 || self.qos == 1 else {
            throw ValidationError("--qos is \(self.qos); allowed are 0 and 1.")
        }
        if let rate, !(rate > 0 && rate <= 1_000_000) {
            throw ValidationError("--rate is \(rate); allowed is more than 0, up to 1000000.")
        }
        if let duration, !(duration > 0) { throw ValidationError("--duration is \(duration); allowed is more than 0.") }
    }

    func run() async throws {
        let setup = try self.options.load()
        let profiles = try self.profiles()
        var tokens: [ExternalID: Secret] = [:]
        if self.register || self.demo {
            try await self.options.withHub { tokens = try await self.register(profiles, with: $0) }
        }
        let credentials = tokens
        let report = SimulationReport(isJSON: self.json)
        try await AgentExit.translating {
            var plan = try self.plan(for: profiles, setup)
            plan.credentials = { name in
                credentials[name].map { FleetPlan.Credentials(username: name.description, password: $0) }
            }
            let fleetPlan = plan
            try await SignalWatch.run {
                try await VirtualFleet.run(fleetPlan, logger: setup.log.logger("simulate")) { fleet in
                    await report.follow(fleet)
                }
            }
        }
    }

    private func profiles() throws -> [VirtualDeviceProfile] {
        if self.demo {
            return try [.climate, .light, .switchPIR].flatMap { type in
                try VirtualDeviceProfile.series(type, count: 1, prefix: "demo")
            }
        }
        return try self.type.split(separator: ",").flatMap { name in
            guard let type = VirtualDeviceType(rawValue: String(name)) else {
                let known = VirtualDeviceType.allCases.map(\.rawValue).joined(separator: ", ")
                throw ValidationError("--type has “\(name)”; allowed are \(known).")
            }
            return try VirtualDeviceProfile.series(type, count: self.count, prefix: self.prefix)
        }
    }

    /// Adds the devices that are not there, and returns the tokens of all.
    private func register(
        _ profiles: [VirtualDeviceProfile], with hub: StationHub
    ) async throws -> [ExternalID: Secret] {
        var tokens: [ExternalID: Secret] = [:]
        let known = profiles.compactMap { hub.device(named: $0.externalID) }
        for device in known { tokens[device.externalID] = try await hub.renewToken(of: device.id) }
        let new = profiles.filter { tokens[$0.externalID] == nil }.map { profile in
            NewDevice(
                name: self.demo ? "Demo \(profile.type.rawValue)" : profile.externalID.description,
                type: profile.type.rawValue, externalID: profile.externalID
            )
        }
        for (device, token) in try await hub.addDevices(new) { tokens[device.externalID] = token }
        try await self.waitForBroker(tokens, hub)
        return tokens
    }

    /// Waits a while for the daemon to tell the broker; who is not let in yet then asks again.
    private func waitForBroker(_ tokens: [ExternalID: Secret], _ hub: StationHub) async throws {
        let clock = SystemStationClock()
        _ = try await clock.limit(to: Self.longestWait) {
            while try await hub.brokerLogins().contains(where: { login in
                login.password != nil && ExternalID(login.username).map { tokens[$0] != nil } ?? false
            }) {
                try await clock.sleep(for: .milliseconds(100))
            }
        }
    }

    private func endpoint(_ setup: AgentSetup) throws -> MQTTEndpoint {
        guard let broker else { return setup.configuration.mqtt.endpoint }
        do throws(MQTTEndpoint.InvalidURL) {
            return try MQTTEndpoint(url: broker)
        } catch {
            throw ValidationError("--broker: \(error)")
        }
    }

    private func stationID(_ setup: AgentSetup) throws -> StationID {
        guard let station else { return try setup.secrets().stationID }
        guard let id = StationID(station) else {
            throw ValidationError("--station is “\(station)”; allowed are \(TopicName.rule).")
        }
        return id
    }

    private func plan(for profiles: [VirtualDeviceProfile], _ setup: AgentSetup) throws -> FleetPlan {
        var plan = FleetPlan(
            endpoint: try self.endpoint(setup), stationID: try self.stationID(setup), devices: profiles
        )
        plan.seed = self.seed
        plan.loops = self.loops
        plan.behaviour = self.demo ? .lively : DeviceBehaviour()
        plan.duration = self.duration.map { .milliseconds(Int64($0 * 1000)) }
        if let rate {
            var load = LoadPlan(rate: rate)
            load.qos = self.qos == 0 ? .atMostOnce : .atLeastOnce
            load.messageLimit = self.messages
            load.sequenceKey = self.sequenceKey
            load.start = self.withoutAcceptance ? .connected : .accepted
            plan.load = load
        }
        return plan
    }
}
