import NIOCore
import NIOHTTP1

/// Refuses what the parser lets pass though nobody can say where such a message ends, and makes HTTP/1.0 what it was:
/// one request a connection.
///
/// Proxies and servers that read one message differently can be made to see different requests ("smuggling"), hence
/// the strictness. Behind a request with `Upgrade` the parser stops, and so the guard goes: whatever takes the
/// connection over finds no handler of HTTP/1 here but the codec.
final class FramingGuard: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart

    private var isBroken = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !self.isBroken else { return }
        guard case .head(var head) = Self.unwrapInboundIn(data) else {
            context.fireChannelRead(data)
            return
        }
        let isVersion10 = head.version == .http1_0
        guard isVersion10 || head.version == .http1_1 else {
            self.refuse(context, .invalidVersion)
            return
        }
        // RFC 9112, 6.1: a server of HTTP/1.0 does not know the field and takes the body for another request.
        guard !isVersion10 || !head.headers.contains(name: "Transfer-Encoding") else {
            self.refuse(context, .invalidChunkSize)
            return
        }
        if isVersion10 {
            head.headers.replaceOrAdd(name: "Connection", value: "close")
            // RFC 9110, 10.1.1: to be ignored.
            head.headers.remove(name: "Expect")
        }
        context.fireChannelRead(NIOAny(HTTPServerRequestPart.head(head)))
        if head.headers.contains(name: "Upgrade") {
            context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
        }
    }

    private func refuse(_ context: ChannelHandlerContext, _ error: HTTPParserError) {
        self.isBroken = true
        context.fireErrorCaught(error)
    }
}
