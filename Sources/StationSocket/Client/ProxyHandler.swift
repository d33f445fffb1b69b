import NIOCore

/// Asks a proxy for a tunnel when the channel is connected; the handlers behind it learn that the channel is active only
/// when the tunnel is there, and then see its bytes alone.
final class ProxyHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// The most that a proxy's answer may have, in bytes.
    private static let answerSize = 16 * 1024

    private enum Phase {
        case waiting, open, failed
    }

    private let request: String
    private var phase = Phase.waiting
    private var buffer = ByteBuffer()

    init(request: String) {
        self.request = request
    }

    func channelActive(context: ChannelHandlerContext) {
        context.writeAndFlush(Self.wrapOutboundOut(ByteBuffer(string: self.request)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch self.phase {
        case .open: context.fireChannelRead(data)
        case .failed: break
        case .waiting:
            self.buffer.writeImmutableBuffer(Self.unwrapInboundIn(data))
            do {
                guard let head = try HTTPHead.take(from: &self.buffer, limit: Self.answerSize) else { return }
                try self.check(head)
            } catch {
                self.phase = .failed
                let fault = error as? SocketClientError ?? .malformed(detail: "the proxy: \(error)")
                context.fireErrorCaught(fault)
                context.close(promise: nil)
                return
            }
            self.phase = .open
            let rest = self.buffer
            self.buffer = ByteBuffer()
            context.fireChannelActive()
            if rest.readableBytes > 0 { context.fireChannelRead(Self.wrapInboundOut(rest)) }
        }
    }

    private func check(_ head: HTTPHead) throws(SocketClientError) {
        let words = head.firstLine.split(separator: " ", maxSplits: 2)
        // Old proxies say HTTP/1.0.
        guard words.count >= 2, words[0].hasPrefix("HTTP/1."), words[1].utf8.count == 3, let status = Int(words[1])
        else { throw .malformed(detail: "“\(head.firstLine.prefix(80))” of the proxy is no status line") }
        guard (200...299).contains(status) else { throw .refusedByProxy(status: status, answer: head) }
    }
}
