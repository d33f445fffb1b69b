/// The rights of those whom the station knows itself (contract 6, "Subjects").
extension BrokerRights {
    /// Of whoever is not known.
    public static let nothing = BrokerRights()

    /// Of the agent itself.
    public static let everything = BrokerRights(isSuperuser: true)

    /// Of a device: its own topics in both dialects.
    public static func device(_ id: ExternalID) -> BrokerRights {
        let own = "placebrain/+/devices/\(id)"
        return BrokerRights(
            allowed: self.stationTopics(of: id.description)
                + self.rules(own, ["telemetry", "status"], [.publish])
                + self.rules(own, ["command"], [.subscribe, .read])
        )
    }

    /// Of clients without credentials while `MQTT_LEGACY_DEVICES` is set: the topics of every device in the dialect of
    /// old firmware.
    public static let legacyDevices = BrokerRights(allowed: stationTopics(of: "+"))

    /// Of a person who is no owner or admin of the station: to see what is under the places and devices given.
    public static func user(places: [PlaceID], devices: [ExternalID]) -> BrokerRights {
        self.watching(
            places.map { TopicFilter(valid: "placebrain/\($0)/#") }
                + devices.map { TopicFilter(valid: "station/+/device/\($0)/#") }
        )
    }

    /// Of the station's owner and admins: to see every place and device.
    public static let everyPlace = watching([
        TopicFilter(valid: "placebrain/#"), TopicFilter(valid: "station/+/device/+/#"),
    ])

    private static func watching(_ topics: [TopicFilter]) -> BrokerRights {
        BrokerRights(
            allowed: topics.map { Rule($0, [.subscribe, .read]) },
            // A command can carry the password of a Wi-Fi network. To subscribe to more than it is no harm.
            denied: [Rule(TopicFilter(valid: "station/+/device/+/command"), [.read])]
        )
    }

    private static func stationTopics(of device: String) -> [Rule] {
        let own = "station/+/device/\(device)"
        return self.rules(own, ["handshake", "state", "event", "heartbeat", "reply"], [.publish])
            + self.rules(own, ["handshake/ack", "command"], [.subscribe, .read])
    }

    private static func rules(_ base: String, _ suffixes: [String], _ actions: Set<BrokerAction>) -> [Rule] {
        suffixes.map { Rule(TopicFilter(valid: "\(base)/\($0)"), actions) }
    }
}
