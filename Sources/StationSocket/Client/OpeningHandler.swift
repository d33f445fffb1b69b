import NIOCore

/// The client's part of the opening handshake on a channel: sends the request, reads the answer's head, and from then on
/// lets all bytes through, beginning with those that came right behind the head.
final class OpeningHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// The most that a server's answer may have, in bytes.
    private static let answerSize = 16 * 1024

    private let request: String
    private let key: SocketKey
    /// nil once it is fulfilled.
    private var answer: EventLoopPromise<HTTPHead>?
    private var buffer = ByteBuffer()

    /// - Parameter answer: Gets the head of a 101 answer that is in order, or fails with `SocketClientError`.
    init(request: String, key: SocketKey, answer: EventLoopPromise<HTTPHead>) {
        self.request = request
        self.key = key
        self.answer = answer
    }

    func channelActive(context: ChannelHandlerContext) {
        context.writeAndFlush(Self.wrapOutboundOut(ByteBuffer(string: self.request)), promise: nil)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard self.answer != nil else { return context.fireChannelRead(data) }
        self.buffer.writeImmutableBuffer(Self.unwrapInboundIn(data))
        do {
            guard let head = try HTTPHead.take(from: &self.buffer, limit: Self.answerSize) else { return }
            try self.check(head)
            self.answer.take()?.succeed(head)
            if self.buffer.readableBytes > 0 { context.fireChannelRead(Self.wrapInboundOut(self.buffer)) }
            self.buffer = ByteBuffer()
        } catch {
            self.fail(with: error as? SocketClientError ?? .malformed(detail: "\(error)"), context)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.answer.take()?.fail(ChannelError.eof)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard self.answer == nil else { return self.fail(with: error, context) }
        context.fireErrorCaught(error)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.answer.take()?.fail(ChannelError.alreadyClosed)
    }

    private func check(_ head: HTTPHead) throws(SocketClientError) {
        let words = head.firstLine.split(separator: " ", maxSplits: 2)
        guard words.count >= 2, words[0] == "HTTP/1.1", words[1].utf8.count == 3, let status = Int(words[1]) else {
            throw .malformed(detail: "“\(head.firstLine.prefix(80))” is no status line of HTTP/1.1")
        }
        guard status == 101 else { throw .refused(status: status, answer: head) }
        if let fault = SocketHandshake.fault(in: head, to: self.key) { throw .malformed(detail: fault) }
    }

    private func fail(with error: any Error, _ context: ChannelHandlerContext) {
        self.answer.take()?.fail(error)
        context.close(promise: nil)
    }
}
