import Accounts
import LocalAPI
import Logging
import MQTTTransport
import StationCore

/// Every setting there is (contract 7, “Configuration”): reading, the check for unknown keys, the `config` command
/// and the table in the documentation all come from here.
enum ConfigurationCatalogue {
    static let stationID = ConfigurationKey(
        "station.id", "STATION_ID", .stationID, absent: "made at the first start (UUID), kept",
        "The name of this station in topics and tokens.")
    static let stationName = ConfigurationKey(
        "station.name", "STATION_NAME", .text(upTo: 100), default: "Station",
        "What people call this station.")

    static let dataDirectory = ConfigurationKey(
        "data.dir", "DATA_DIR", .directory, default: "/var/lib/station-agent",
        "Where the store, the secrets and the firmware images are kept.")

    static let httpHost = ConfigurationKey(
        "http.host", "HOST", .host, default: "0.0.0.0",
        "The address on which the HTTP API listens.")
    static let httpPort = ConfigurationKey(
        "http.port", "PORT", .port(orAny: true), default: 3000,
        "The port on which the HTTP API listens; sockets handed over by systemd go first.")
    static let httpCertFile = ConfigurationKey(
        "http.tls.certFile", "TLS_CERT_FILE", .existingFile, absent: "none: plain HTTP", isLive: true,
        "The certificate chain of the HTTP API, PEM; with it the API speaks TLS only (1.2 or newer).")
    static let httpKeyFile = ConfigurationKey(
        "http.tls.keyFile", "TLS_KEY_FILE", .existingFile, absent: "none: plain HTTP", isLive: true,
        "The private key that belongs to the certificate, PEM.")
    static let httpPublicURL = ConfigurationKey(
        "http.publicUrl", "BACKEND_PUBLIC_URL", .publicURL, absent: "http://<hostname>.local[:port]",
        "The URL under which devices and browsers reach this station, for firmware downloads and links.")
    static let httpCORSOrigins = ConfigurationKey(
        "http.corsOrigins", "CORS_ORIGINS", .origins, default: [], isLive: true,
        "The web origins besides the station's own whose pages may call the API.")

    static let mqttURL = ConfigurationKey(
        "mqtt.url", "MQTT_URL", .broker, default: MQTTEndpoint(host: "127.0.0.1", port: 1883),
        "The broker that the devices talk to.")
    static let mqttUser = ConfigurationKey(
        "mqtt.user", "MQTT_USER", .text(upTo: 256), absent: "none",
        "The user name of the station at the broker.")
    static let mqttPassword = ConfigurationKey(
        "mqtt.password", "MQTT_PASSWORD", .password, absent: "none",
        "The password of the station at the broker.")
    static let mqttCAFile = ConfigurationKey(
        "mqtt.caFile", "MQTT_CA_FILE", .existingFile, absent: "none: the authorities of the system",
        "The authorities that may have signed the broker's certificate, PEM; for mqtts://.")
    static let mqttPublicHost = ConfigurationKey(
        "mqtt.publicHost", "MQTT_PUBLIC_HOST", .host, absent: "<hostname>.local",
        "The host at which devices reach the broker; new devices are told so.")
    static let mqttPublicPort = ConfigurationKey(
        "mqtt.publicPort", "MQTT_PUBLIC_PORT", .port(), default: 1883,
        "The port at which devices reach the broker; new devices are told so.")
    static let mqttLegacyDevices = ConfigurationKey(
        "mqtt.legacyDevices", "MQTT_LEGACY_DEVICES", .boolean, default: false,
        "Whether clients without credentials may act as any device, for old firmware; “broker init” must follow.")
    static let mqttPolicyFile = ConfigurationKey(
        "mqtt.policyFile", "MQTT_POLICY_FILE", .filePath, default: "/etc/station-agent/mqtt-policy.json",
        "What the holders of tokens may do at the broker; read again when it changes.")
    static let mqttCredentialsTTL = ConfigurationKey(
        "mqtt.credentialsTtl", "MQTT_CREDENTIALS_TTL", .duration(.seconds(60)...days(30)), default: .seconds(86_400),
        "How long a person's login at the broker is good.")
    static let mqttAuthAllow = ConfigurationKey(
        "mqtt.authAllow", "MQTT_AUTH_ALLOW", .addressRanges, default: [],
        "The brokers besides this machine's that may ask who may do what.")
    static let mqttJWTIssuer = ConfigurationKey(
        "mqtt.jwtIssuer", "MQTT_JWT_ISSUER", .text(upTo: 512), absent: "none: the station's own tokens only",
        "Whose tokens count at the broker besides the station's own: what they say in “iss”.")
    static let mqttJWTAudience = ConfigurationKey(
        "mqtt.jwtAudience", "MQTT_JWT_AUDIENCE", .text(upTo: 512), absent: "any",
        "What such a token must say in “aud”.")
    static let mqttJWKSURL = ConfigurationKey(
        "mqtt.jwksUrl", "MQTT_JWKS_URL", .publicURL, absent: "none",
        "Where the issuer's keys are (JWKS).")
    static let mqttJWKSFile = ConfigurationKey(
        "mqtt.jwksFile", "MQTT_JWKS_FILE", .filePath, absent: "none",
        "The issuer's keys as a file (JWKS), instead of a URL.")

    static let provisioningServiceUUID = ConfigurationKey(
        "provisioning.serviceUuid", "PROVISIONING_SERVICE_UUID", .uuid,
        default: "12c158d5-220f-4be9-b46a-a235f44c412a",
        "The Bluetooth service by which factory-new devices are known.")
    static let provisioningCharacteristicUUID = ConfigurationKey(
        "provisioning.characteristicUuid", "PROVISIONING_CHARACTERISTIC_UUID", .uuid,
        default: "85e4cb5a-4718-47e3-b363-b2d82655ee1e",
        "The Bluetooth characteristic that takes the credentials.")
    static let provisioningWiFiSSID = ConfigurationKey(
        "provisioning.wifiSsid", "PROVISIONING_WIFI_SSID", .networkName, absent: "none", isLive: true,
        "The Wi-Fi network that new devices are told to join.")
    static let provisioningWiFiPassword = ConfigurationKey(
        "provisioning.wifiPassword", "PROVISIONING_WIFI_PASSWORD", .networkPassword, absent: "none", isLive: true,
        "The password of that network.")
    static let provisioningScanAll = ConfigurationKey(
        "provisioning.scanAll", "PROVISIONING_SCAN_ALL", .boolean, default: false,
        "Whether devices that offer none of the known services are shown too.")
    static let provisioningAllowNameless = ConfigurationKey(
        "provisioning.allowNameless", "PROVISIONING_ALLOW_NAMELESS", .boolean, default: false,
        "Whether devices that advertise no name are shown too.")

    static let jwtSecret = ConfigurationKey(
        "jwt.secret", "JWT_SECRET", .key(minimumBytes: 32), absent: "made at the first start (256 bits), kept",
        "The key that signs the access tokens of people.")
    static let jwtExpiresIn = ConfigurationKey(
        "jwt.expiresIn", "JWT_EXPIRES_IN", .duration(.seconds(1)...days(30)), default: .seconds(900),
        "How long an access token is good.")
    static let jwtRefreshExpiresIn = ConfigurationKey(
        "jwt.refreshExpiresIn", "JWT_REFRESH_EXPIRES_IN", .duration(.seconds(1)...days(366)), default: days(30),
        "How long somebody stays signed in without using the station.")

    static let accountsRegistration = ConfigurationKey(
        "accounts.registration", "REGISTRATION", .choice, default: AccountSettings.Registration.invite,
        "Who may make an account once there is an owner: whoever has an invitation, or anybody.")
    static let accountsCodeMinutes = ConfigurationKey(
        "accounts.otpExpireMinutes", "OTP_EXPIRE_MINUTES", .integer(1...60), default: 5,
        "How many minutes a one-time code is good.")
    static let accountsCodeAttempts = ConfigurationKey(
        "accounts.otpMaxAttempts", "OTP_MAX_ATTEMPTS", .integer(1...20), default: 5,
        "How many wrong codes are forgiven.")
    static let accountsCodeCooldown = ConfigurationKey(
        "accounts.otpResendCooldownSeconds", "OTP_RESEND_COOLDOWN_SECONDS", .integer(1...3600), default: 60,
        "How many seconds lie between two codes for one address.")

    static let agentToken = ConfigurationKey(
        "agent.token", "AGENT_TOKEN", .bearerToken, absent: "made at the first start, kept",
        "The token of programs on this machine; an empty one never matches.")

    static let cloudHost = ConfigurationKey(
        "cloud.host", "CLOUD_HOST", .cloudAddress, absent: "none: no cloud",
        "The cloud that the station connects to.")
    static let cloudCAFile = ConfigurationKey(
        "cloud.caFile", "CLOUD_CA_FILE", .existingFile, absent: "none: the authorities of the system",
        "Authorities besides the system's that may have signed the cloud's certificate, PEM.")
    static let cloudMaxBackoff = ConfigurationKey(
        "cloud.maxBackoff", "CLOUD_MAX_BACKOFF", .duration(.seconds(60)...days(1)), default: .seconds(60),
        "The longest pause between two attempts to reach the cloud.")

    static let smtpURL = ConfigurationKey(
        "smtp.url", "SMTP_URL", .mailServer, absent: "none: no e-mail",
        "The server that takes the station's e-mails; smtp:// wants STARTTLS, except on this machine.")
    static let smtpFrom = ConfigurationKey(
        "smtp.from", "SMTP_FROM", .mailbox, absent: "none",
        "The sender of the station's e-mails.")
    static let smtpCAFile = ConfigurationKey(
        "smtp.caFile", "SMTP_CA_FILE", .existingFile, absent: "none: the authorities of the system",
        "The authorities that may have signed the mail server's certificate, PEM.")

    static let logLevel = ConfigurationKey(
        "log.level", "LOG_LEVEL", .choice, default: Logger.Level.info, isLive: true,
        "The least important events that are logged.")
    static let logFormat = ConfigurationKey<LogFormat?>(
        "log.format", "LOG_FORMAT", .choice, absent: "json under systemd, text on a terminal",
        "How the log is written to standard error.")

    static let retentionReadings = ConfigurationKey(
        "retention.readings", "RETENTION_READINGS", .duration(.seconds(60)...days(3660), bareSeconds: false),
        default: days(30),
        "How long readings are kept.")
    static let retentionEvents = ConfigurationKey(
        "retention.events", "RETENTION_EVENTS", .duration(.seconds(60)...days(3660), bareSeconds: false),
        default: days(30),
        "How long events are kept.")

    static let devicesLastWillGrace = ConfigurationKey(
        "devices.lastWillGrace", "DEVICES_LAST_WILL_GRACE", .duration(.zero ... .seconds(600)), default: .seconds(5),
        "How long after its last will a device may still show that it lives.")
    static let devicesOfflineAfter = ConfigurationKey(
        "devices.offlineAfter", "DEVICES_OFFLINE_AFTER", .duration(.seconds(1)...days(7)), default: .seconds(180),
        "How long a device may be silent before it counts as offline.")
    static let devicesMaxRate = ConfigurationKey(
        "devices.maxRate", "DEVICES_MAX_RATE", .integer(1...100_000), default: 50,
        "Messages a second that one device may send in the long run.")
    static let devicesMaxBurst = ConfigurationKey(
        "devices.maxBurst", "DEVICES_MAX_BURST", .integer(1...1_000_000), default: 200,
        "Messages that one device may send at once.")

    static let telemetryFlushInterval = ConfigurationKey(
        "telemetry.flushInterval", "TELEMETRY_FLUSH_INTERVAL", .duration(.milliseconds(10) ... .seconds(600)),
        default: .seconds(5),
        "How long readings may wait in memory before they are written; so much a power cut may cost.")
    static let telemetryFlushRows = ConfigurationKey(
        "telemetry.flushRows", "TELEMETRY_FLUSH_ROWS", .integer(1...100_000), default: 1000,
        "As many waiting readings are written without waiting longer.")

    static let rows: [ConfigurationRow] = [
        stationID.row, stationName.row,
        dataDirectory.row,
        httpHost.row, httpPort.row, httpCertFile.row, httpKeyFile.row, httpPublicURL.row, httpCORSOrigins.row,
        mqttURL.row, mqttUser.row, mqttPassword.row, mqttCAFile.row, mqttPublicHost.row, mqttPublicPort.row,
        mqttLegacyDevices.row, mqttPolicyFile.row, mqttCredentialsTTL.row, mqttAuthAllow.row, mqttJWTIssuer.row,
        mqttJWTAudience.row, mqttJWKSURL.row, mqttJWKSFile.row,
        provisioningServiceUUID.row, provisioningCharacteristicUUID.row, provisioningWiFiSSID.row,
        provisioningWiFiPassword.row, provisioningScanAll.row, provisioningAllowNameless.row,
        jwtSecret.row, jwtExpiresIn.row, jwtRefreshExpiresIn.row,
        accountsRegistration.row, accountsCodeMinutes.row, accountsCodeAttempts.row, accountsCodeCooldown.row,
        agentToken.row,
        cloudHost.row, cloudCAFile.row, cloudMaxBackoff.row,
        smtpURL.row, smtpFrom.row, smtpCAFile.row,
        logLevel.row, logFormat.row,
        retentionReadings.row, retentionEvents.row,
        devicesLastWillGrace.row, devicesOfflineAfter.row, devicesMaxRate.row, devicesMaxBurst.row,
        telemetryFlushInterval.row, telemetryFlushRows.row,
    ]

    private static func days(_ count: Int) -> Duration {
        .seconds(count * 86_400)
    }
}
