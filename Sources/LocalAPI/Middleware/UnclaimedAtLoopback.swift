import Accounts
import HTTPTypes
import HummingbirdCore
import StationCore

/// The peer is on this machine, and nobody has claimed the station yet: whoever stands before it may do so.
///
/// A proxy on this machine that speaks for others says so, and is not meant.
struct UnclaimedAtLoopback: RequestHook {
    let cloud: any CloudLinking

    let refusals: Set<Int> = [401]

    func admit(_ request: Request, _ context: inout LocalAPIContext) throws {
        let isForwarded = [HTTPField.Name.forwarded, .xForwardedFor].contains { request.headers.contains($0) }
        guard context.origin.isLocal, !isForwarded, !self.cloud.status.isClaimed else { throw APIError.unauthorized }
    }
}

extension HTTPField.Name {
    /// RFC 7239.
    fileprivate static let forwarded = Self(token: "Forwarded")
    fileprivate static let xForwardedFor = Self(token: "X-Forwarded-For")
}
