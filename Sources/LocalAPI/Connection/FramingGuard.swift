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
        let codings = head.headers["Transfer-Encoding"]
        guard codings.isEmpty || !isVersion10 && codings.count == 1 && codings[0].lowercased() == "chunked" else {
            self.refuse(context, .invalidConstant)
            return
        }
        Self.putHostFirst(&head)
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

    /// RFC 9112, 3.2.2: a host in the address counts, and the field beside it does not. The codec would drop the former.
    private static func putHostFirst(_ head: inout HTTPRequestHead) {
        guard head.uri.first != "/", let separator = head.uri.firstRange(of: "://"), head.headers["Host"].count == 1
        else { return }
        let host = head.uri[separator.upperBound...].prefix { !"/?#".contains($0) }
        head.headers.replaceOrAdd(name: "Host", value: String(host))
    }

    private func refuse(_ context: ChannelHandlerContext, _ error: HTTPParserError) {
        self.isBroken = true
        context.fireErrorCaught(error)
    }
}
