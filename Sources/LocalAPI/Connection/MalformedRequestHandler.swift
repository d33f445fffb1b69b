import HTTPTypes
import HummingbirdCore
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import StationCore

/// Gives the answer to what is not HTTP the shape of all other errors.
///
/// The framework meets an unparsable request by writing a bare 400. That answer belongs to no request, and so it is
/// told apart from all others: there are more answers than requests. It goes out in our shape, unless the bytes at fault
/// were the body of a request that has been answered already: then a second answer would be taken for that of another.
final class MalformedRequestHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// As long as an answer to a request that closes the connection; see `Response.closing(_:)`.
    private static let grace = TimeAmount.seconds(2)

    private let reporter: ConnectionReporter
    private var unanswered = 0
    private var isInBody = false
    private var failure: HTTPParserError?
    private var isReplacing = false

    init(_ reporter: ConnectionReporter) {
        self.reporter = reporter
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch Self.unwrapInboundIn(data) {
        case .head:
            self.unanswered += 1
            self.isInBody = true
        case .body: break
        case .end: self.isInBody = false
        }
        context.fireChannelRead(data)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.failure = self.failure ?? error as? HTTPParserError
        context.fireErrorCaught(error)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let part = Self.unwrapOutboundIn(data)
        if case .head(let head) = part, head.status.kind != .informational {
            self.isReplacing = self.unanswered == 0
            self.unanswered = max(self.unanswered - 1, 0)
        }
        guard self.isReplacing else {
            context.write(data, promise: promise)
            return
        }
        promise?.succeed()
        guard case .end = part else { return }
        if self.isInBody {
            context.close(promise: nil)
        } else {
            self.answer(context)
        }
    }

    private func answer(_ context: ChannelHandlerContext) {
        let error = self.failure == .headerOverflow ? APIError.headTooLarge : .malformedRequest
        let requestID = self.reporter.makeRequestID()
        var response = error.response(requestID: requestID)
        response.headers[.connection] = "close"
        ResponseHeaders.complete(&response, requestID: requestID)
        let body = ByteBuffer(bytes: error.json(requestID: requestID).serialized())
        context.write(Self.wrapOutboundOut(.head(response.head)), promise: nil)
        context.write(Self.wrapOutboundOut(.body(body)), promise: nil)
        let channel = context.channel
        context.writeAndFlush(Self.wrapOutboundOut(.end(nil))).whenComplete { _ in
            channel.close(mode: .output, promise: nil)
        }
        context.eventLoop.scheduleTask(in: Self.grace) { channel.close(promise: nil) }
        self.reporter.malformed()
    }
}
