import Hummingbird
import HummingbirdCore
import NIOCore

/// What belongs to one request while it is answered.
struct LocalAPIContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The connection it came on.
    let channel: any Channel
    /// In `X-Request-Id`, in errors and in the log.
    var requestID = ""
    /// Who is calling, once a hook has said so.
    var caller: Caller?

    init(source: ApplicationRequestContextSource) {
        self.coreContext = CoreRequestContextStorage(source: source)
        self.channel = source.channel
    }

    var peer: SocketAddress? { self.channel.remoteAddress }
}
