import Accounts
import HummingbirdCore
import NIOCore

/// The peer is on this machine, or where a broker may ask from: it sets which broker asks.
///
/// The peer is that of the connection. What a header says of where a request began, anybody can write.
struct FromBroker: RequestHook {
    let others: [AddressRange]

    let refusals: Set<Int> = [403]

    func admit(_ request: Request, _ context: inout LocalAPIContext) throws {
        if context.origin.isLocal {
            context.broker = "this machine"
            return
        }
        guard let address = IPAddress(context.channel.remoteAddress),
            let range = self.others.first(where: { $0.contains(address) })
        else { throw APIError.foreignBroker(context.origin.address) }
        // Not the address: in a network with IPv6 a machine has a new one every day, and its clients stay.
        context.broker = range.description
    }
}
