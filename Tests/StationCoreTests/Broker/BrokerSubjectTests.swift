import StationCore
import Testing

@Suite("What each subject of the contract may do at the broker")
struct BrokerSubjectTests {
    private let d1: ExternalID
    private let place: PlaceID
    private let otherPlace: PlaceID

    init() throws {
        self.d1 = try #require(ExternalID("d1"))
        self.place = try #require(PlaceID("019aa5b0-7c40-7000-8000-000000000001"))
        self.otherPlace = try #require(PlaceID("019aa5b0-7c40-7000-8000-000000000002"))
    }

    private static let reports = ["handshake", "state", "event", "heartbeat", "reply"]

    private func topics(_ base: String, _ suffixes: [String]) -> [String] { suffixes.map { "\(base)/\($0)" } }

    // MARK: Devices

    @Test("A device publishes its own reports in both dialects, under whatever station or place")
    func devicePublishes() {
        RightsTable.expect(
            .device(self.d1), .publish,
            allows: self.topics("station/s1/device/d1", Self.reports) + self.topics("station//device/d1", Self.reports)
                + self.topics("station/$x/device/d1", Self.reports)
                + self.topics("placebrain/\(self.place)/devices/d1", ["telemetry", "status"]),
            denies: self.topics("station/s1/device/d2", Self.reports)
                + self.topics("station/s1/device/d10", Self.reports)
                + self.topics("station/s1/device/D1", Self.reports) + self.topics("station/s1/device", Self.reports)
                + self.topics("station/s1/device/d1", ["command", "handshake/ack", "state/x", "", "states", "State"])
                + self.topics("/station/s1/device/d1", Self.reports) + self.topics("Station/s1/device/d1", Self.reports)
                + self.topics("station/s1/x/device/d1", Self.reports)
                + self.topics("placebrain/p/devices/d1", ["command", "state", "telemetry/x"])
                + self.topics("placebrain/p/devices/d2", ["telemetry", "status"])
                + ["station/s1/device/d1", "placebrain/p/alerts", "placebrain/p/devices/d1"]
                + RightsTable.foreign + RightsTable.plain
        )
    }

    @Test("A device subscribes to its own acknowledgements and commands, alone or shared, and to nothing wider")
    func deviceSubscribes() {
        RightsTable.expect(
            .device(self.d1), .subscribe,
            allows: [
                "station/s1/device/d1/command", "station/+/device/d1/command", "station/s1/device/d1/handshake/ack",
                "station/+/device/d1/handshake/ack", "placebrain/p/devices/d1/command",
                "placebrain/+/devices/d1/command",
                "$share/g/station/+/device/d1/command",
            ],
            denies: RightsTable.tooWide + RightsTable.foreign + [
                "station/+/device/+/command", "station/+/device/#", "station/+/device/d1/#", "station/+/device/d1/+",
                "station/s1/device/d1/command/#", "station/+/device/d2/command", "station/s1/device/d2/handshake/ack",
                "$share/g/station/+/device/d2/command", "station/s1/device/d1/state",
                "station/s1/device/+/handshake/ack",
                "station/x/y/device/d1/command", "placebrain/+/devices/+/command",
                "placebrain/+/devices/d2/command", "placebrain/+/devices/d1/#", "placebrain/#",
                "placebrain/+/devices/d1/telemetry",
            ]
        )
    }

    @Test("A device receives its own acknowledgements and commands only")
    func deviceReads() {
        RightsTable.expect(
            .device(self.d1), .read,
            allows: [
                "station/s1/device/d1/command", "station/s1/device/d1/handshake/ack", "placebrain/p/devices/d1/command",
            ],
            denies: RightsTable.foreign + self.topics("station/s1/device/d1", Self.reports) + [
                "station/s1/device/d2/command", "station/s1/device/d2/handshake/ack", "placebrain/p/devices/d2/command",
                "placebrain/p/devices/d1/telemetry", "placebrain/p/alerts", "station/s1/device/-d1/command",
            ]
        )
    }

    @Test("Clients without credentials, where they are let in, are every device of the old dialect and nothing else")
    func legacy() {
        RightsTable.expect(
            .legacyDevices, .publish,
            allows: self.topics("station/s1/device/d1", Self.reports)
                + self.topics("station/s2/device/d2", Self.reports),
            denies: self.topics("station/s1/device/d1", ["command", "handshake/ack", "x"])
                + ["placebrain/p/devices/d1/telemetry", "placebrain/p/devices/d1/status"] + RightsTable.foreign
        )
        RightsTable.expect(
            .legacyDevices, .subscribe,
            allows: [
                "station/s1/device/d1/command", "station/+/device/d1/handshake/ack", "station/+/device/+/command",
                "$share/g/station/+/device/+/command",
            ],
            denies: RightsTable.tooWide + [
                "station/+/device/+/#", "station/+/device/d1/#", "station/+/device/+/state", "station/+/device/+/+",
                "placebrain/+/devices/d1/command", "placebrain/#",
            ]
        )
        RightsTable.expect(
            .legacyDevices, .read, allows: ["station/s1/device/d1/command", "station/s1/device/d1/handshake/ack"],
            denies: ["station/s1/device/d1/state", "placebrain/p/devices/d1/command", "$SYS/broker/uptime"]
        )
    }

    // MARK: People

    @Test("A person sees what is under their places and devices, and nothing of others")
    func userSubscribes() {
        let user = BrokerRights.user(places: [self.place], devices: [self.d1])
        RightsTable.expect(
            user, .subscribe,
            allows: [
                "placebrain/\(self.place)/#", "placebrain/\(self.place)", "placebrain/\(self.place)/alerts",
                "placebrain/\(self.place)/devices/+/telemetry", "$share/g/placebrain/\(self.place)/#",
                "station/+/device/d1/#", "station/s1/device/d1/state", "station/+/device/d1/+",
                "station/+/device/d1/command",
            ],
            denies: RightsTable.tooWide + RightsTable.foreign + [
                "placebrain/#", "placebrain/+/#", "placebrain/+/alerts", "placebrain/\(self.otherPlace)/#",
                "placebrain/\(self.otherPlace)/alerts", "$share/g/placebrain/\(self.otherPlace)/#",
                "placebrain/\(self.place)x",
                "station/+/device/+/#", "station/+/device/#", "station/+/device/+/state", "station/+/device/d2/#",
                "station/s1/device/d2/state", "station/s1/d1/#",
            ]
        )
        RightsTable.expect(
            user, .read,
            allows: [
                "placebrain/\(self.place)/alerts", "placebrain/\(self.place)/devices/x/telemetry",
                "placebrain/\(self.place)/devices/x/command", "station/s1/device/d1/state",
                "station/s1/device/d1/handshake/ack", "station/s1/device/d1/command/x",
            ],
            denies: RightsTable.foreign + RightsTable.plain + [
                "placebrain/\(self.otherPlace)/alerts", "station/s1/device/d2/state", "station/s1/device/d2/heartbeat",
            ]
        )
    }

    @Test("A person never publishes, whatever places and devices are theirs")
    func userPublishes() {
        let topics =
            self.topics("station/s1/device/d1", Self.reports + ["command", "handshake/ack"])
            + [
                "placebrain/\(self.place)/alerts", "placebrain/\(self.place)/devices/d1/command",
                "placebrain/\(self.place)/devices/d1/telemetry",
            ] + RightsTable.foreign + RightsTable.plain
        for rights in [.user(places: [self.place], devices: [self.d1]), BrokerRights.everyPlace] {
            RightsTable.expect(rights, .publish, allows: [], denies: topics)
        }
    }

    @Test("A person receives no command to a device, also within a subscription that is theirs")
    func userCommands() {
        for rights in [.user(places: [self.place], devices: [self.d1]), BrokerRights.everyPlace] {
            for topic in ["station/s1/device/d1/command", "station/s1/device/d2/command", "station//device/d1/command"]
            {
                let decision = rights.decide(.read, topic)
                #expect(decision == .denied("denied by rule “station/+/device/+/command”"))
            }
            #expect(rights.decide(.subscribe, "station/+/device/d1/#").isAllowed)
        }
    }

    @Test("A person without places and devices may do nothing")
    func nobody() {
        for rights in [.user(places: [], devices: []), BrokerRights.nothing, BrokerRights()] {
            for action in BrokerAction.allCases {
                RightsTable.expect(
                    rights, action, allows: [],
                    denies: ["placebrain/\(self.place)/alerts", "station/s1/device/d1/state", "x", "$SYS/x"]
                )
            }
        }
    }

    @Test("The owner and admins see every place and device, and no more than that")
    func everyPlace() {
        RightsTable.expect(
            .everyPlace, .subscribe,
            allows: [
                "placebrain/#", "placebrain/+/alerts", "placebrain", "placebrain/\(self.otherPlace)/#",
                "station/+/device/+/#", "station/+/device/+/command", "station/s1/device/d2/state",
                "station/s1/device/+",
                "$share/g/placebrain/#",
            ],
            denies: RightsTable.tooWide + [
                "station/+/device/#", "station/+/device", "station/s1/x/d1", "+/+/device/+/#",
            ]
        )
        RightsTable.expect(
            .everyPlace, .read,
            allows: ["placebrain", "placebrain/x/alerts", "station/s1/device/d2/state", "station/s1/device/d2"],
            denies: [
                "station/s1/x/d1", "station/s1", "$SYS/broker/uptime", "$CONTROL/dynamic-security/v1/response", "x",
            ]
        )
    }

    // MARK: Everybody

    @Test("The agent may do everything that is valid")
    func agent() {
        for action in BrokerAction.allCases {
            RightsTable.expect(.everything, action, allows: RightsTable.foreign, denies: [])
        }
        RightsTable.expect(.everything, .subscribe, allows: RightsTable.tooWide, denies: [])
        #expect(BrokerRights.everything.isSuperuser)
    }

    @Test("What is no topic is invalid, whoever asks")
    func invalidTopics() {
        let everybody: [BrokerRights] = [
            .nothing, .everything, .device(self.d1), .legacyDevices, .everyPlace,
            .user(places: [self.place], devices: [self.d1]),
        ]
        for rights in everybody {
            for topic in RightsTable.invalidEverywhere + RightsTable.brokenShares {
                #expect(rights.decide(.subscribe, topic) == .denied("invalid topic"), "\(topic.prefix(40))")
            }
            for topic in RightsTable.invalidEverywhere + RightsTable.wildcards {
                #expect(rights.decide(.publish, topic) == .denied("invalid topic"), "\(topic.prefix(40))")
                #expect(rights.decide(.read, topic) == .denied("invalid topic"), "\(topic.prefix(40))")
            }
        }
    }

    @Test("The station's own rules are made of valid filters, and none of them reaches what begins with “$”")
    func ownRules() {
        let everybody: [BrokerRights] = [
            .device(self.d1), .legacyDevices, .everyPlace, .user(places: [self.place], devices: [self.d1]),
        ]
        for rule in everybody.flatMap({ $0.allowed + $0.denied }) {
            #expect(TopicFilter(rule.topic.description) == rule.topic)
            #expect(!rule.topic.description.hasPrefix("$"))
            #expect(!rule.actions.isEmpty)
        }
        #expect(everybody.allSatisfy { !$0.isSuperuser })
    }
}
