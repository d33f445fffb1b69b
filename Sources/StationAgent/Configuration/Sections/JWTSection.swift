import StationCore

/// The tokens of people.
struct JWTSection: Sendable, Equatable {
    /// Nil: the one in the secrets file, made at the first start.
    let secret: Secret?
    let expiresIn: Duration
    let refreshExpiresIn: Duration

    init(_ values: inout ConfigurationValues) {
        self.secret = values.read(ConfigurationCatalogue.jwtSecret)
        self.expiresIn = values.read(ConfigurationCatalogue.jwtExpiresIn)
        self.refreshExpiresIn = values.read(ConfigurationCatalogue.jwtRefreshExpiresIn)
        if self.refreshExpiresIn < self.expiresIn {
            values.fault(
                ConfigurationCatalogue.jwtRefreshExpiresIn.row,
                "it is shorter than \(ConfigurationCatalogue.jwtExpiresIn.row.name), which is "
                    + DurationText.write(self.expiresIn),
                allowed: "at least as long as an access token is good")
        }
    }
}
