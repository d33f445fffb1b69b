import Accounts
import StationCore

/// The person behind a request: as the store knows them now, and what their token says.
struct RequestIdentity: Sendable {
    let user: User
    let claims: AccessClaims
}
