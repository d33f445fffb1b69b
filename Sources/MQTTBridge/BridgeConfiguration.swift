public import MQTTTransport
public import StationCore

/// Where the broker is and who we are there.
public struct BridgeConfiguration: Sendable {
    public var endpoint: MQTTEndpoint
    public var stationID: StationID
    public var username: String?
    public var password: Secret?
    /// The pauses between attempts; the first lasts about `retryBase`, the longest about `retryLimit`.
    public var retryBase: Duration
    public var retryLimit: Duration
    /// The longest pause while nobody listens on this machine's own port: asking again costs neither a network nor a
    /// broker anything, and the devices are back within seconds of the broker's return.
    public var localRetryLimit: Duration
    /// How long a connection must have lasted before the pauses begin anew.
    public var stablePeriod: Duration
    /// How long CONNACK, SUBACK, PUBACK and the message to ourselves may take, each.
    public var answerDeadline: Duration
    /// Who is let in at the broker.
    public var access = Access()

    /// What the broker's logins and rights are made of, besides the store (contract 6).
    public struct Access: Sendable {
        /// Whether clients without credentials may use the devices' topics (`MQTT_LEGACY_DEVICES`).
        public var allowsLegacyDevices = false
        /// What the subjects of tokens may do.
        public var policy = BrokerPolicyBoard()
        /// User names that are not the station's to give away: those of the agent.
        public var reservedUsernames: Set<String> = [DynamicSecurityFile.agentUsername]
        /// Keeps what the broker should have where a broker that starts is given it back; `nil`: nowhere.
        public var copy: BrokerCopy?
        /// Who keeps being refused.
        public var refusals = RefusedLogins()

        public init() {}
    }

    public init(
        endpoint: MQTTEndpoint, stationID: StationID, username: String? = nil, password: Secret? = nil,
        retryBase: Duration = .seconds(1), retryLimit: Duration = .seconds(30),
        localRetryLimit: Duration = .seconds(4), stablePeriod: Duration = .seconds(30),
        answerDeadline: Duration = .seconds(5)
    ) {
        self.endpoint = endpoint
        self.stationID = stationID
        self.username = username
        self.password = password
        self.retryBase = retryBase
        self.retryLimit = retryLimit
        self.localRetryLimit = localRetryLimit
        self.stablePeriod = stablePeriod
        self.answerDeadline = answerDeadline
    }
}
