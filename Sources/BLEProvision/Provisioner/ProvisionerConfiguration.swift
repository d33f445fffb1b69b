public import StationCore
public import SystemBus

/// What a provisioner must be told (contract 5; contract 7, `provisioning.*`).
public struct ProvisionerConfiguration: Sendable {
    /// Where BlueZ is.
    public var bus: BusAddress
    /// `PROVISIONING_SCAN_ALL`: devices that advertise none of the known services are heard, too.
    public var scansAll: Bool
    /// `PROVISIONING_ALLOW_NAMELESS`.
    public var allowsNameless: Bool
    /// `MQTT_PUBLIC_HOST`, by default `<hostname>.local`: where devices find the broker.
    public var mqttHost: String
    public var mqttPort: UInt16
    public var stationID: StationID
    /// `provisioning.onlineTimeout`: so long a device may take from its settings to its MQTT handshake.
    public var onlineTimeout: Duration
    /// So long is a handshake waited for after a write whose outcome is not known, before it is tried again.
    public var doubtTimeout: Duration

    public init(
        bus: BusAddress = .system, scansAll: Bool = false, allowsNameless: Bool = false, mqttHost: String,
        mqttPort: UInt16 = 1883, stationID: StationID, onlineTimeout: Duration = .seconds(90),
        doubtTimeout: Duration = .seconds(20)
    ) {
        self.bus = bus
        self.scansAll = scansAll
        self.allowsNameless = allowsNameless
        self.mqttHost = mqttHost
        self.mqttPort = mqttPort
        self.stationID = stationID
        self.onlineTimeout = onlineTimeout
        self.doubtTimeout = doubtTimeout
    }
}
