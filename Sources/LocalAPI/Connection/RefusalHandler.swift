import HTTPTypes
import HummingbirdCore
import NIOCore
import StationCore

/// The only handler of a connection that is not let in: it says why and closes, whatever the peer sends.
final class RefusalHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    /// Closed at once, the answer could be lost: what the peer has sent and nobody reads resets the connection.
    private static let grace = TimeAmount.seconds(1)

    private let answer: ByteBuffer

    /// - Parameter error: What the peer is told.
    init(_ error: APIError, requestID: String) {
        let body = error.json(requestID: requestID).serialized()
        var response = error.response(requestID: requestID)
        response.headers[.connection] = "close"
        ResponseHeaders.complete(&response, requestID: requestID)
        var text = "HTTP/1.1 \(error.status.code) \(error.status.reasonPhrase)\r\nContent-Length: \(body.count)\r\n"
        for field in response.headers { text += "\(field.name): \(field.value)\r\n" }
        text += "\r\n"
        self.answer = ByteBuffer(bytes: Array(text.utf8) + body)
    }

    func channelActive(context: ChannelHandlerContext) {
        let channel = context.channel
        channel.writeAndFlush(self.answer).whenComplete { _ in channel.close(mode: .output, promise: nil) }
        context.eventLoop.scheduleTask(in: Self.grace) { channel.close(promise: nil) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed? = event as? ChannelEvent { context.close(promise: nil) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {}

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
