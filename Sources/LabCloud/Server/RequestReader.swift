import NIOCore
import StationSocket

/// Reads the one request with which a connection begins, hands it over, and from then on lets all bytes through.
final class RequestReader: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private static let headLimit = 16 * 1024
    private static let bodyLimit = 8 * 1024 * 1024
    /// So long a connection may take to say what it wants.
    private static let patience = TimeAmount.seconds(15)

    private let deliver: (LabRequest) -> Void
    private var buffer = ByteBuffer()
    private var head: HTTPHead?
    private var bodySize = 0
    private var isDone = false
    private var timer: Scheduled<Void>?

    init(deliver: @escaping (LabRequest) -> Void) {
        self.deliver = deliver
    }

    func channelActive(context: ChannelHandlerContext) {
        let channel = context.channel
        self.timer = context.eventLoop.scheduleTask(in: Self.patience) { channel.close(promise: nil) }
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.timer?.cancel()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !self.isDone else { return context.fireChannelRead(data) }
        self.buffer.writeImmutableBuffer(Self.unwrapInboundIn(data))
        do throws(LabError) {
            guard let request = try self.next(context) else { return }
            self.isDone = true
            self.timer?.cancel()
            self.deliver(request)
        } catch {
            self.isDone = true
            self.timer?.cancel()
            let channel = context.channel
            context.writeAndFlush(Self.wrapOutboundOut(LabResponse(error).bytes)).whenComplete { _ in
                channel.close(promise: nil)
            }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func next(_ context: ChannelHandlerContext) throws(LabError) -> LabRequest? {
        if self.head == nil { try self.readHead(context) }
        guard let head, self.buffer.readableBytes >= self.bodySize else { return nil }
        let body = self.buffer.readBytes(length: self.bodySize) ?? []
        guard let request = LabRequest(head: head, body: body) else {
            throw .invalid("“\(head.firstLine.prefix(80))” is no request of HTTP")
        }
        return request
    }

    private func readHead(_ context: ChannelHandlerContext) throws(LabError) {
        do throws(HTTPHeadError) {
            self.head = try HTTPHead.take(from: &self.buffer, limit: Self.headLimit)
        } catch {
            throw .invalid("\(error)")
        }
        guard let head else { return }
        guard head.values("transfer-encoding").isEmpty else { throw .invalid("the body must have a Content-Length") }
        let lengths = head.values("content-length")
        guard !lengths.isEmpty else { return }
        guard lengths.count == 1, let size = Int(lengths[0]), (0...Self.bodyLimit).contains(size) else {
            throw .invalid("Content-Length must be a number up to \(Self.bodyLimit)")
        }
        self.bodySize = size
        if head.values("expect").contains(where: { $0.lowercased() == "100-continue" }) {
            context.writeAndFlush(
                Self.wrapOutboundOut(ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n")), promise: nil
            )
        }
    }
}
