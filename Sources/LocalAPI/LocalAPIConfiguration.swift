public import StationCore

/// What the HTTP server is told (contract 7, "Configuration").
public struct LocalAPIConfiguration: Sendable {
    /// Name or address of the interface to listen on; `0.0.0.0` for all of IPv4.
    public var host: String
    /// 0 takes any port that is free; `LocalAPIServer.boundPort` tells which.
    public var port: Int
    /// Sockets that listen already and go before `host` and `port`; the server takes them over and closes them.
    public var inheritedSockets: [Int32] = []
    /// Speak TLS with this identity; `nil`: plain HTTP.
    public var identity: ServedIdentity?
    /// The station's names, for `Host`.
    public var names = StationNames()
    /// The pages that may use the API besides the station's own.
    public var origins = AllowedOrigins()
    /// The secret of programs on the station; an empty one lets nobody in.
    public var agentToken: Secret
    /// The agent's version, for `/api/health`.
    public var version: String
    public var stationID: StationID
    public var stationName: String
    /// The URL under which devices reach the station, without a slash at its end, by the port that it listens on.
    public var publicURL: @Sendable (_ port: Int) -> String = { "http://localhost:\($0)" }
    /// The network for new devices that the configuration names, as it is now; one that was put with
    /// `PUT /api/settings/agent` goes before it (contract 5).
    public var wifi: @Sendable () -> WiFiCredentials? = { nil }
    public var limits = LocalAPILimits()
    /// Where brokers may ask from who is who and what they may do, besides this machine (MQTT_AUTH_ALLOW; contract 6).
    public var brokerAddresses: [AddressRange] = []
    /// How long a minted login at the broker is good (MQTT_CREDENTIALS_TTL; contract 6).
    public var credentialLifetime: Duration = .seconds(86_400)

    public init(
        host: String = "0.0.0.0", port: Int = 3000, agentToken: Secret, version: String, stationID: StationID,
        stationName: String
    ) {
        self.host = host
        self.port = port
        self.agentToken = agentToken
        self.version = version
        self.stationID = stationID
        self.stationName = stationName
    }

    var place: ListeningPlace {
        self.inheritedSockets.isEmpty
            ? .address(host: self.host, port: self.port) : .inherited(self.inheritedSockets)
    }
}
