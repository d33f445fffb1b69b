import NIOCore

/// Lets bytes through while the line is sound. On a mute one they vanish in both directions, as on a connection whose
/// other end lost its power.
final class LineGate: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let line: LabLine

    init(_ line: LabLine) {
        self.line = line
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !self.line.isMute else { return }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !self.line.isMute else {
            promise?.succeed()
            return
        }
        context.write(data, promise: promise)
    }
}
