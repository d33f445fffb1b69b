import HTTPTypes
import HummingbirdCore
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1

/// Lets a request for a WebSocket be answered by an ordinary route, and makes the connection a tunnel when that says
/// 101: from then on request and answer have the raw bytes of either direction for their bodies.
///
/// NIO's own upgrade handlers decide before a route is asked, and drop a request that they refuse. Here the end of such a
/// request is withheld until the answer is known: it is a request like any other, or one whose body never ends.
final class UpgradeGate: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private enum State {
        case http
        /// A request for an upgrade, with its end once that has come.
        case candidate(end: HTTPRequestPart?)
        case tunnel
    }

    private var state = State.http
    /// Which requests are for a route that may answer 101.
    private let isCandidate: @Sendable (HTTPRequest) -> Bool

    init(for isCandidate: @escaping @Sendable (HTTPRequest) -> Bool) {
        self.isCandidate = isCandidate
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .tunnel = self.state {
            context.fireChannelRead(data)
            return
        }
        let part = Self.unwrapInboundIn(data)
        switch (part, self.state) {
        case (.head(let head), .http) where self.isCandidate(head):
            self.state = .candidate(end: nil)
            context.fireChannelRead(data)
        case (.end, .candidate):
            self.state = .candidate(end: part)
        default:
            context.fireChannelRead(data)
        }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .candidate(let end) = self.state, case .head(let head) = Self.unwrapOutboundIn(data),
            head.status.kind != .informational || head.status == .switchingProtocols
        else {
            context.write(data, promise: promise)
            return
        }
        guard head.status == .switchingProtocols else {
            self.state = .http
            context.write(data, promise: promise)
            if let end {
                context.fireChannelRead(Self.wrapInboundOut(end))
                context.fireChannelReadComplete()
            }
            return
        }
        self.state = .tunnel
        context.writeAndFlush(data, promise: promise)
        self.digTunnel(context)
    }

    /// Takes everything out of the pipeline that understands bytes as HTTP or waits for the next request: a WebSocket
    /// has its own heartbeat, which is more patient than an idle connection may be.
    private func digTunnel(_ context: ChannelHandlerContext) {
        let pipeline = context.pipeline.syncOperations
        do {
            try pipeline.addHandler(RawTunnel(), position: .before(self))
            pipeline.removeHandler(
                context: try pipeline.context(handlerType: HTTP1ToHTTPServerCodec.self), promise: nil)
            pipeline.removeHandler(context: try pipeline.context(handlerType: HTTPResponseEncoder.self), promise: nil)
            pipeline.removeHandler(
                context: try pipeline.context(handlerType: ByteToMessageHandler<HTTPRequestDecoder>.self), promise: nil
            )
            pipeline.removeHandler(
                context: try pipeline.context(handlerType: HTTPConnectionStateHandler.self), promise: nil
            )
        } catch {
            context.close(promise: nil)
        }
    }
}

/// Shows the bytes of a connection as the body of a request without end, and the body of an answer as bytes.
private final class RawTunnel: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = ByteBuffer

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        context.fireChannelRead(Self.wrapInboundOut(.body(Self.unwrapInboundIn(data))))
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch Self.unwrapOutboundIn(data) {
        case .head: promise?.succeed()
        case .body(let bytes): context.write(Self.wrapOutboundOut(bytes), promise: promise)
        case .end:
            context.flush()
            context.close(promise: promise)
        }
    }
}
