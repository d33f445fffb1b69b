public import StationCore

/// What a device must know to find its station and to be let in.
public struct StationPlace: Sendable, Equatable {
    /// `MQTT_PUBLIC_HOST`, by default `<hostname>.local`.
    public let mqttHost: String
    public let mqttPort: UInt16
    public let deviceID: ExternalID
    public let deviceToken: Secret
    public let stationID: StationID

    public init(
        mqttHost: String, mqttPort: UInt16, deviceID: ExternalID, deviceToken: Secret, stationID: StationID
    ) {
        self.mqttHost = mqttHost
        self.mqttPort = mqttPort
        self.deviceID = deviceID
        self.deviceToken = deviceToken
        self.stationID = stationID
    }
}
