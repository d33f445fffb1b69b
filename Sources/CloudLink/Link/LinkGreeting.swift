public import StationCore

/// What the station says first on a connection (contract 4, "States").
public enum LinkGreeting: Sendable, Equatable {
    case claimHandshake(chipID: String, claimSecret: Secret)
    case stationAuth(Secret)

    /// As it goes out; it holds a secret.
    public var text: String {
        let message: JSONObject =
            switch self {
            case .claimHandshake(let chipID, let claimSecret):
                [
                    "type": "claim_handshake", "chipId": .string(chipID), "claimSecret": .string(claimSecret.revealed),
                ]
            case .stationAuth(let token): ["type": "station_auth", "stationToken": .string(token.revealed)]
            }
        return JSONValue.object(message).description
    }
}
