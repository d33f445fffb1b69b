/// Everything that can be configured, checked (contract 7, “Configuration”).
struct AgentConfiguration: Sendable {
    static let defaultFile = "/etc/station-agent/station-agent.yaml"

    let station: StationSection
    let data: DataSection
    let http: HTTPSection
    let mqtt: MQTTSection
    let access: BrokerAccessSection
    let provisioning: ProvisioningSection
    let jwt: JWTSection
    let accounts: AccountsSection
    let agent: AgentSection
    let cloud: CloudSection
    let smtp: SMTPSection
    let log: LogSection
    let retention: RetentionSection
    let devices: DevicesSection
    let telemetry: TelemetrySection
    /// Every setting as text with its origin, in the order of the table.
    let effective: [EffectiveValue]

    /// Reads the sources; the environment goes before systemd credentials, these before the file, the file before the
    /// defaults. May be called again at any time (SIGHUP).
    ///
    /// - Parameters:
    ///   - file: the file that the command line names, which must exist; nil: `defaultFile`, if it exists.
    /// - Throws: `ConfigurationErrors` with everything that is wrong.
    static func load(
        file: String? = nil, surroundings: ProcessSurroundings = .current(),
        defaultFile: String = Self.defaultFile
    ) throws(ConfigurationErrors) -> AgentConfiguration {
        let sources = ConfigurationSources(
            file: file, defaultFile: defaultFile, environment: surroundings.environment)
        var values = ConfigurationValues(sources: sources, surroundings: surroundings)
        let configuration = AgentConfiguration(&values)
        guard values.errors.isEmpty else { throw ConfigurationErrors(errors: values.errors) }
        return configuration
    }

    private init(_ values: inout ConfigurationValues) {
        self.station = StationSection(&values)
        self.data = DataSection(&values)
        self.http = HTTPSection(&values)
        self.mqtt = MQTTSection(&values)
        self.access = BrokerAccessSection(&values)
        self.provisioning = ProvisioningSection(&values)
        self.jwt = JWTSection(&values)
        self.accounts = AccountsSection(&values)
        self.agent = AgentSection(&values)
        self.cloud = CloudSection(&values)
        self.smtp = SMTPSection(&values)
        self.log = LogSection(&values)
        self.retention = RetentionSection(&values)
        self.devices = DevicesSection(&values)
        self.telemetry = TelemetrySection(&values)
        self.effective = values.effective
    }
}
