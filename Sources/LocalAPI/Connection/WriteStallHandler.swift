import NIOCore

/// Closes a connection whose peer does not take what it is sent: an answer that nobody reads must not live for ever.
///
/// In every period a minimum must go out, or all that waits; a peer that reads a byte now and then is none the better
/// for it. The handler sits next to the socket, where TLS has become bytes too.
final class WriteStallHandler: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer

    /// 273 bytes a second with the ordinary limit: any radio link gives more.
    private static let minimumBytes = 16 * 1024

    private let limit: TimeAmount
    private var written = 0
    private var check: Scheduled<Void>?

    init(limit: Duration) {
        self.limit = TimeAmount(limit)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        self.written &+= Self.unwrapOutboundIn(data).readableBytes
        context.write(data, promise: promise)
    }

    func flush(context: ChannelHandlerContext) {
        context.flush()
        guard self.check == nil, self.waiting(context) > 0 else { return }
        self.watch(context)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.check?.cancel()
        self.check = nil
    }

    private func watch(_ context: ChannelHandlerContext) {
        let goal = self.written &- self.waiting(context) &+ Self.minimumBytes
        let lastOfAll = self.written
        self.check = context.eventLoop.assumeIsolated().scheduleTask(in: self.limit) {
            self.check = nil
            let waiting = self.waiting(context)
            guard waiting > 0 else { return }
            if self.written &- waiting >= min(goal, lastOfAll) {
                self.watch(context)
            } else {
                context.close(promise: nil)
            }
        }
    }

    /// Bytes that the kernel has not taken yet.
    private func waiting(_ context: ChannelHandlerContext) -> Int {
        // A channel without the option, as in no real server, has nothing to wait for.
        (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }
}
