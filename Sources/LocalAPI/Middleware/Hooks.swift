import Accounts
import StationCore
import StationData

/// The combinations of hooks that routes ask for.
struct Hooks: Sendable {
    let hub: StationHub
    let verifyToken: VerifyToken
    let verifyAgentToken: VerifyAgentToken
    let verifyDeviceToken: VerifyDeviceToken
    let verifyTokenHolder: VerifyTokenHolder
    let fromBroker: FromBroker

    init(
        hub: StationHub, desk: AccountDesk, authority: BrokerAuthority, agentToken: Secret, brokers: [AddressRange]
    ) {
        self.hub = hub
        self.verifyToken = VerifyToken(desk: desk)
        self.verifyAgentToken = VerifyAgentToken(token: agentToken, throttle: desk.throttle)
        self.verifyDeviceToken = VerifyDeviceToken(hub: hub, throttle: desk.throttle)
        self.verifyTokenHolder = VerifyTokenHolder(authority: authority)
        self.fromBroker = FromBroker(others: brokers)
    }

    /// Anybody who is signed in.
    var user: [any RequestHook] { [self.verifyToken] }
    /// Owner and admins.
    var admin: [any RequestHook] { [self.verifyToken, Authorize(.owner, .admin)] }
    var owner: [any RequestHook] { [self.verifyToken, Authorize(.owner)] }
    /// Owner and admins among the station's members.
    var stationAdmin: [any RequestHook] { [self.verifyToken, RequireStationRole(.owner, .admin)] }
    var stationOwner: [any RequestHook] { [self.verifyToken, RequireStationRole(.owner)] }
    /// Everybody who belongs to the place that the path names as `{place}`.
    var placeMember: [any RequestHook] { self.place(.owner, .admin, .viewer) }
    /// Its owner and its admins.
    var placeManager: [any RequestHook] { self.place(.owner, .admin) }
    var placeOwner: [any RequestHook] { self.place(.owner) }

    private func place(_ roles: PlaceRole...) -> [any RequestHook] {
        [self.verifyToken, RequirePlaceRole(self.hub, roles)]
    }

    /// Programs on the station.
    var agent: [any RequestHook] { [self.verifyAgentToken] }
    /// Anybody with an access token, or with one of the configured issuer.
    var tokenHolder: [any RequestHook] { [self.verifyTokenHolder] }
    /// A broker that may ask.
    var broker: [any RequestHook] { [self.fromBroker] }
    /// A device.
    var device: [any RequestHook] { [self.verifyDeviceToken] }
    /// The station's owner, and programs on the station.
    var host: [any RequestHook] { [AnyOf(self.owner, self.agent)] }
    /// Whoever is on the station, and programs that know the agent token.
    var monitor: [any RequestHook] { [AnyOf([FromLoopback()], [self.verifyAgentToken])] }
}
