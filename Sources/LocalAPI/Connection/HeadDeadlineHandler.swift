import NIOCore

/// Closes a connection whose peer opens it, or begins a request, and then takes too long to finish the request's head.
///
/// It sits where raw bytes pass, because a head becomes a message only when it is complete: bytes that go into the
/// parser without anything coming out of it (`MessageWitness` would tell) begin something that may never end.
final class HeadDeadlineHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let limit: TimeAmount
    private var deadline: Scheduled<Void>?
    private var isMessageFlowing = false

    init(limit: Duration) {
        self.limit = TimeAmount(limit)
    }

    func channelActive(context: ChannelHandlerContext) {
        self.begin(context)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.isMessageFlowing = false
        context.fireChannelRead(data)
        if !self.isMessageFlowing { self.begin(context) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.end()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.end()
    }

    /// A head, or a part of a body, has come out of the parser.
    fileprivate func messageFlows() {
        self.isMessageFlowing = true
        self.end()
    }

    private func begin(_ context: ChannelHandlerContext) {
        guard self.deadline == nil else { return }
        self.deadline = context.eventLoop.assumeIsolated().scheduleTask(in: self.limit) {
            context.close(promise: nil)
        }
    }

    private func end() {
        self.deadline?.cancel()
        self.deadline = nil
    }
}

/// Tells the connection's `HeadDeadlineHandler` of every part that comes out of the parser.
final class MessageWitness: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    private var deadline: HeadDeadlineHandler?

    func handlerAdded(context: ChannelHandlerContext) {
        do {
            self.deadline = try context.pipeline.syncOperations.handler(type: HeadDeadlineHandler.self)
        } catch {
            context.fireErrorCaught(error)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.deadline = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.deadline?.messageFlows()
        context.fireChannelRead(data)
    }
}
