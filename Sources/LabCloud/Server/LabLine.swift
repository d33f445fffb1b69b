import NIOCore
import Synchronization

/// The transport of one connection, which can be cut or made to swallow everything.
final class LabLine: Sendable {
    let number: Int
    let channel: any Channel
    private let mute = Mutex(false)

    init(number: Int, channel: any Channel) {
        self.number = number
        self.channel = channel
    }

    /// Whether bytes vanish in both directions. What has vanished does not come back: such a line must be dropped.
    var isMute: Bool {
        get { self.mute.withLock { $0 } }
        set { self.mute.withLock { $0 = newValue } }
    }

    /// Ends the transport without a word of WebSocket.
    func drop() {
        self.channel.close(promise: nil)
    }
}
