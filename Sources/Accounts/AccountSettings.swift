/// How accounts work on this station (contract 7, "Configuration").
public struct AccountSettings: Sendable {
    /// Who may make an account once there is an owner.
    public enum Registration: String, Sendable, Hashable, CaseIterable {
        case invite, open
    }

    public var registration = Registration.invite
    /// How long somebody stays signed in without using the station.
    public var refreshLifetime = Duration.seconds(30 * 86_400)
    public var codeLifetime = Duration.seconds(300)
    public var codeAttempts = 5
    public var codeCooldown = Duration.seconds(60)
    public var invitationLifetime = Duration.seconds(7 * 86_400)
    /// A password that the cloud has sent works so long after its last word.
    public var cloudPasswordLifetime = Duration.seconds(14 * 86_400)
    public var stationName: String
    /// Where people reach the station, without a slash at its end: for links in e-mails.
    public var publicURL: String

    public init(stationName: String, publicURL: String) {
        self.stationName = stationName
        self.publicURL = publicURL
    }
}
