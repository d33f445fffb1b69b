import Accounts
import NIOCore

extension Origin {
    /// Where a connection comes from. Whose guesses are counted together is whose connections are: see `IPAddress`.
    init(of channel: any Channel) {
        // What has no address comes over a socket in this machine.
        guard let address = IPAddress(channel.remoteAddress) else {
            self.init(address: "this machine", isLocal: true)
            return
        }
        let peer = address.peer(seenFrom: IPAddress(channel.localAddress))
        self.init(address: peer.description, isLocal: address.isLoopback)
    }
}
