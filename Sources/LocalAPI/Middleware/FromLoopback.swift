import HummingbirdCore
import NIOCore

/// The peer is on this machine.
struct FromLoopback: CallerHook {
    func caller(of request: Request, context: LocalAPIContext) -> Caller? {
        guard let address = context.peer?.ipAddress else { return nil }
        let isLoopback = address == "::1" || address.hasPrefix("127.") || address.hasPrefix("::ffff:127.")
        return isLoopback ? .loopback : nil
    }
}
