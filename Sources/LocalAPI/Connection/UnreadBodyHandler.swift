import NIOCore
import NIOHTTPTypes

/// Closes a connection whose peer has its answer and goes on sending the body that nobody reads, for too long.
///
/// A route that reads a body sets its own time; here it is over already, and what still comes is only thrown away until
/// the next request. A byte now and then would otherwise keep the connection for ever.
final class UnreadBodyHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let limit: TimeAmount
    private var isBodyComing = false
    private var deadline: Scheduled<Void>?

    init(limit: Duration) {
        self.limit = TimeAmount(limit)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch Self.unwrapInboundIn(data) {
        case .head: self.isBodyComing = true
        case .body: break
        case .end:
            self.isBodyComing = false
            self.disarm()
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = Self.unwrapOutboundIn(data), self.isBodyComing, self.deadline == nil {
            self.deadline = context.eventLoop.assumeIsolated().scheduleTask(in: self.limit) {
                context.close(promise: nil)
            }
        }
        context.write(data, promise: promise)
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.disarm()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.disarm()
    }

    private func disarm() {
        self.deadline?.cancel()
        self.deadline = nil
    }
}
