import Accounts
import StationCore
import StationData

/// The combinations of hooks that routes ask for.
struct Hooks: Sendable {
    let hub: StationHub
    let verifyToken: VerifyToken
    let verifyAgentToken: VerifyAgentToken
    let verifyDeviceToken: VerifyDeviceToken

    init(hub: StationHub, desk: AccountDesk, agentToken: Secret) {
        self.hub = hub
        self.verifyToken = VerifyToken(desk: desk)
        self.verifyAgentToken = VerifyAgentToken(token: agentToken, throttle: desk.throttle)
        self.verifyDeviceToken = VerifyDeviceToken(hub: hub, throttle: desk.throttle)
    }

    /// Anybody who is signed in.
    var user: [any RequestHook] { [self.verifyToken] }
    /// Owner and admins.
    var admin: [any RequestHook] { [self.verifyToken, Authorize(.owner, .admin)] }
    var owner: [any RequestHook] { [self.verifyToken, Authorize(.owner)] }
    /// Owner and admins among the station's members.
    var stationAdmin: [any RequestHook] { [self.verifyToken, RequireStationRole(.owner, .admin)] }
    var stationOwner: [any RequestHook] { [self.verifyToken, RequireStationRole(.owner)] }
    /// Programs on the station.
    var agent: [any RequestHook] { [self.verifyAgentToken] }
    /// A device.
    var device: [any RequestHook] { [self.verifyDeviceToken] }
    /// Whoever is on the station, and programs that know the agent token.
    var monitor: [any RequestHook] { [AnyOf([FromLoopback()], [self.verifyAgentToken])] }
}
