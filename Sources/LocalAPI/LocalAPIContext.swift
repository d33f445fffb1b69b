import Accounts
import Hummingbird
import HummingbirdCore
import NIOCore
import StationCore
import StationData

/// What belongs to one request while it is answered.
struct LocalAPIContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The connection it came on.
    let channel: any Channel
    /// In `X-Request-Id`, in errors and in the log.
    var requestID = ""
    /// Who is calling, once `VerifyToken` has said so.
    var identity: RequestIdentity?
    /// Which device is calling, once `VerifyDeviceToken` has said so.
    var deviceID: DeviceID?
    /// Which broker asks, once `FromBroker` has said so.
    var broker = ""
    /// For whom a login at the broker can be made, once `VerifyTokenHolder` has said so.
    var tokenHolder: TokenHolder?

    init(source: ApplicationRequestContextSource) {
        self.coreContext = CoreRequestContextStorage(source: source)
        self.channel = source.channel
    }

    var origin: Origin { Origin(of: self.channel) }

    /// The person who is calling.
    ///
    /// - Throws: `APIError.unauthorized` on a route without `VerifyToken`.
    var user: User {
        get throws(APIError) {
            guard let identity = self.identity else { throw APIError.unauthorized }
            return identity.user
        }
    }

    /// For whom a login at the broker can be made.
    ///
    /// - Throws: `APIError.unauthorized` on a route without `VerifyTokenHolder`.
    var credentialHolder: TokenHolder {
        get throws(APIError) {
            guard let holder = self.tokenHolder else { throw APIError.unauthorized }
            return holder
        }
    }

    /// What the person who is calling may see and do.
    ///
    /// - Throws: `APIError.unauthorized` on a route without `VerifyToken`.
    func access(_ hub: StationHub) throws(APIError) -> PlaceAccess {
        PlaceAccess(user: try self.user, hub: hub)
    }

    /// The device that is calling.
    ///
    /// - Throws: `APIError.deviceUnauthorized` on a route without `VerifyDeviceToken`.
    var callingDevice: DeviceID {
        get throws(APIError) {
            guard let id = self.deviceID else { throw APIError.deviceUnauthorized }
            return id
        }
    }
}
