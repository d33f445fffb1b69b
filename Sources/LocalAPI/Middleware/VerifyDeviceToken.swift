import Accounts
import HTTPTypes
import HummingbirdCore
import StationCore
import StationData

/// `X-Device-Token`, else `Device-Token`, is the token of a device: it sets the request's device.
struct VerifyDeviceToken: RequestHook {
    let hub: StationHub
    let throttle: GuessThrottle

    let schemes: [SecurityScheme] = [.deviceToken]
    let refusals: Set<Int> = [401, 429]

    func admit(_ request: Request, _ context: inout LocalAPIContext) async throws {
        let fields = [HTTPField.Name.xDeviceToken, .deviceToken].lazy.map { request.headers[values: $0] }
        guard let values = fields.first(where: { !$0.isEmpty }), values.count == 1 else {
            throw APIError.deviceUnauthorized
        }
        let keys: [GuessThrottle.Key] = [.deviceToken(from: context.origin.address)]
        try self.throttle.begin(keys)
        let id: DeviceID?
        do throws(StoreError) {
            id = try await self.hub.deviceID(forToken: Secret(values[0]))
        } catch {
            self.throttle.withdraw(keys)
            throw error
        }
        guard let id else { throw APIError.deviceUnauthorized }
        self.throttle.succeeded(keys)
        context.deviceID = id
    }
}

extension HTTPField.Name {
    static let xDeviceToken = Self(token: "X-Device-Token")
    static let deviceToken = Self(token: "Device-Token")
}
