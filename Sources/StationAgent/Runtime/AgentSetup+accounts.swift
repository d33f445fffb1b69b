import Accounts
import StationCore
import StationData

extension AgentSetup {
    /// People's accounts as the configuration wants them.
    ///
    /// - Parameter port: Where the API listens, if that is not the configured port; for links in mails.
    func accountDesk(
        _ secrets: StationSecrets, hub: StationHub, mail: (any MailSender)?, port: Int?, clock: any StationClock
    ) async -> AccountDesk {
        let configuration = self.configuration
        var settings = AccountSettings(
            stationName: configuration.station.name, publicURL: configuration.http.publicURL(boundPort: port)
        )
        settings.registration = configuration.accounts.registration
        settings.refreshLifetime = configuration.jwt.refreshExpiresIn
        settings.codeLifetime = configuration.accounts.codeLifetime
        settings.codeAttempts = configuration.accounts.codeAttempts
        settings.codeCooldown = configuration.accounts.codeCooldown
        let tokens = await AccessTokens(
            secret: secrets.jwtSecret, issuer: secrets.stationID, lifetime: configuration.jwt.expiresIn
        )
        return AccountDesk(
            settings: settings, secret: secrets.jwtSecret, hub: hub, tokens: tokens, mail: mail, clock: clock,
            logger: self.log.logger("station.accounts")
        )
    }
}
