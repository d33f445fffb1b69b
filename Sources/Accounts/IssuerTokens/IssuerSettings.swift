/// What the tokens of an external issuer must say (settings MQTT_JWT_ISSUER and MQTT_JWT_AUDIENCE; contract 6).
public struct IssuerSettings: Sendable, Equatable {
    /// Their `iss`, to the letter.
    public var issuer: String
    /// What must be among their `aud`; `nil`: it is not looked at.
    public var audience: String?

    /// - Parameter audience: `nil`: any will do.
    public init(issuer: String, audience: String? = nil) {
        self.issuer = issuer
        self.audience = audience
    }
}
