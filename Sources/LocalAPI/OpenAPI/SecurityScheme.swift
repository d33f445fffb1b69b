import StationCore

/// The ways to show who is calling, as the OpenAPI document names them.
enum SecurityScheme: String, Sendable, CaseIterable {
    case accessToken
    case agentToken
    case deviceToken
    case issuerToken

    var json: JSONValue {
        switch self {
        case .accessToken:
            [
                "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
                "description": "The access token of a person, from POST /api/auth/login.",
            ]
        case .agentToken:
            [
                "type": "http", "scheme": "bearer",
                "description": "The agent token of programs on the station, from DATA_DIR/secrets.json or AGENT_TOKEN.",
            ]
        case .deviceToken:
            [
                "type": "apiKey", "in": "header", "name": "X-Device-Token",
                "description": "The token of a device, shown when it was added.",
            ]
        case .issuerToken:
            [
                "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
                "description": "A token of the issuer that MQTT_JWT_ISSUER names, where one is configured.",
            ]
        }
    }
}
