import Accounts
import HummingbirdCore

/// The peer is on this machine.
struct FromLoopback: RequestHook {
    let refusals: Set<Int> = [401]

    func admit(_ request: Request, _ context: inout LocalAPIContext) throws {
        guard context.origin.isLocal else { throw APIError.unauthorized }
    }
}
