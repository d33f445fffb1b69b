import MQTTTransport
import StationCore

/// The broker, as the station reaches it and as devices do.
struct MQTTSection: Sendable, Equatable {
    let endpoint: MQTTEndpoint
    let user: String?
    let password: Secret?
    let publicHost: String
    let publicPort: Int

    init(_ values: inout ConfigurationValues) {
        var endpoint = values.read(ConfigurationCatalogue.mqttURL)
        self.user = values.read(ConfigurationCatalogue.mqttUser)
        self.password = values.read(ConfigurationCatalogue.mqttPassword)
        endpoint.caFile = values.read(ConfigurationCatalogue.mqttCAFile)
        self.endpoint = endpoint
        self.publicHost = values.read(
            ConfigurationCatalogue.mqttPublicHost, deriving: values.surroundings.localName)
        self.publicPort = values.read(ConfigurationCatalogue.mqttPublicPort)
        if self.password != nil, self.user == nil,
            !values.errors.contains(where: { $0.subject == ConfigurationCatalogue.mqttUser.row.name })
        {
            values.fault(
                ConfigurationCatalogue.mqttUser.row,
                "it is missing, but \(ConfigurationCatalogue.mqttPassword.row.name) is there: MQTT knows no password "
                    + "without a user",
                allowed: "both or neither")
        }
    }
}
