import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1

/// HTTP/1.1 as the station speaks it: with limits on size and time for every connection, over TLS or without.
struct StationHTTPChannel: HTTPChannelHandler {
    typealias Value = NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>

    let responder: HTTPChannelHandler.Responder
    let limits: LocalAPILimits
    let identity: ServedIdentity?
    let reporter: ConnectionReporter

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(WriteStallHandler(limit: self.limits.writeTime))
            if let identity { try pipeline.addHandler(identity.makeHandler()) }
            // Behind TLS it times the handshake and the first head together.
            try pipeline.addHandler(HeadDeadlineHandler(limit: self.limits.headTime))
            var decoding = NIOHTTPDecoderLimitConfiguration()
            decoding.maxHeaderFieldSize = self.limits.headerSize
            decoding.maxHeaderListSize = self.limits.headerSize
            decoding.maxHeaderFieldCount = self.limits.headerCount
            try pipeline.configureHTTPServerPipeline(
                // The asynchronous channel takes one request after the other; HTTPTypes have checked the fields.
                withPipeliningAssistance: false, withErrorHandling: false, withOutboundHeaderValidation: false,
                withEncoderConfiguration: .init(), withDecoderLimitConfiguration: decoding
            )
            try pipeline.addHandler(FramingGuard())
            try pipeline.addHandler(HTTP1ToHTTPServerCodec(secure: self.identity != nil))
            // The gate comes first: when it takes the connection over from HTTP, the others still see parts of HTTP.
            try pipeline.addHandlers([
                UpgradeGate(for: LiveRoutes.mayOpen), MessageWitness(), MalformedRequestHandler(self.reporter),
                UnreadBodyHandler(limit: self.limits.bodyTime),
            ])
            try pipeline.addHandler(
                HTTPConnectionStateHandler(idleTimeout: self.limits.idleTime, logger: logger)
            )
            return try NIOAsyncChannel(
                wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true)
            )
        }
    }

    func handle(value: Value, logger: Logger) async {
        await withTaskCancellationHandler {
            await self.handleHTTP(asyncChannel: value, logger: logger)
        } onCancel: {
            // TLS does not close the one direction that the framework would close.
            value.channel.close(promise: nil)
        }
    }
}
