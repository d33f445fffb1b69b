public import MQTTTransport
public import StationCore

/// What a fleet is made of and what it is to do.
public struct FleetPlan: Sendable {
    /// How the devices go when the fleet is stopped.
    public enum Farewell: String, Sendable, Hashable, CaseIterable {
        /// As if somebody pulled all plugs: the broker publishes every last will, the station sees them offline.
        case unplugged
        /// In good order: no last will; the station notices their silence.
        case disconnect
    }

    /// What a device logs in with.
    public struct Credentials: Sendable {
        public let username: String
        public let password: Secret?

        public init(username: String, password: Secret?) {
            self.username = username
            self.password = password
        }
    }

    public var endpoint: MQTTEndpoint
    /// The station under whose topics the devices speak.
    public var stationID: StationID
    /// The devices; their place here is the index by which the fleet knows them. The client id is the external id.
    public var devices: [VirtualDeviceProfile]
    public var behaviour = DeviceBehaviour()
    /// The same seed gives the same values and the same chances.
    public var seed: UInt64 = 1
    /// How many threads the devices are spread over, 1–64.
    public var loops = 1
    /// How many devices may be between their first packet and their subscription at one time, in the whole fleet.
    public var connectsInFlight = 200
    public var keepAlive: Duration = .seconds(60)
    /// How many messages of one device may be on their way, 1–10 000.
    public var maxInflight = 256
    public var load: LoadPlan?
    /// How long the fleet goes on, counted from the start of the load if there is one; `nil`: until it is stopped.
    public var duration: Duration?
    public var farewell = Farewell.unplugged
    /// What each device logs in with; `nil` for nothing. Asked at each attempt, on the fleet's threads.
    public var credentials: @Sendable (ExternalID) -> Credentials? = { _ in nil }

    public init(endpoint: MQTTEndpoint, stationID: StationID, devices: [VirtualDeviceProfile]) {
        self.endpoint = endpoint
        self.stationID = stationID
        self.devices = devices
    }
}

extension VirtualDeviceProfile {
    /// Devices of one type with names that follow from their number: `sim-climate-0001`, `sim-climate-0002`, …
    ///
    /// - Throws: `FleetError.invalidPrefix` when the names could not stand in a topic.
    public static func series(
        _ type: VirtualDeviceType, count: Int, prefix: String = "sim", first: Int = 1
    ) throws(FleetError) -> [VirtualDeviceProfile] {
        var series: [VirtualDeviceProfile] = []
        series.reserveCapacity(max(0, count))
        for number in first..<(first + max(0, count)) {
            let digits = "\(number)"
            let padding = String(repeating: "0", count: max(0, 4 - digits.utf8.count))
            guard let externalID = ExternalID("\(prefix)-\(type.rawValue)-\(padding)\(digits)") else {
                throw .invalidPrefix(prefix)
            }
            series.append(VirtualDeviceProfile(externalID: externalID, type: type))
        }
        return series
    }
}
