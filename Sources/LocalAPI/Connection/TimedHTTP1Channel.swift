import HummingbirdCore
import Logging
import NIOCore

/// HTTP/1.1 with limits on size and time for every connection.
struct TimedHTTP1Channel: ServerChildChannel {
    private let http1: HTTP1Channel
    private let headTime: Duration

    init(responder: @escaping HTTPChannelHandler.Responder, limits: LocalAPILimits) {
        self.headTime = limits.headTime
        self.http1 = HTTP1Channel(
            responder: responder,
            configuration: HTTP1Channel.Configuration(
                additionalChannelHandlers: [MessageWitness()],
                idleTimeout: TimeAmount(limits.idleTime),
                httpDecoderConfiguration: HTTP1Channel.Configuration.DecoderConfiguration(
                    maxHeaderFieldSize: limits.headerSize, maxHeaderListSize: limits.headerSize,
                    maxHeaderFieldCount: 128
                )
            )
        )
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTP1Channel.Value> {
        channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(HeadDeadlineHandler(limit: self.headTime))
        }.flatMap {
            self.http1.setup(channel: channel, logger: logger)
        }
    }

    func handle(value: HTTP1Channel.Value, logger: Logger) async {
        await self.http1.handle(value: value, logger: logger)
    }
}
