import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import StationCore

/// Reads the whole body before a route acts: a request that is cut short, too large or too slow does nothing.
///
/// It belongs behind the hooks, so that strangers cannot fill the memory.
struct WholeBody: RouterMiddleware {
    typealias Context = LocalAPIContext

    let limits: LocalAPILimits
    let clock: any StationClock

    func handle(
        _ request: Request, context: LocalAPIContext,
        next: (Request, LocalAPIContext) async throws -> Response
    ) async throws -> Response {
        try await next(self.read(request), context)
    }

    /// The same request with all of its body.
    ///
    /// - Throws: `APIError` for a body that is cut short, too large or too slow.
    func read(_ request: Request) async throws -> Request {
        let declared = request.headers[.contentLength].flatMap { Int($0) }
        if let declared, declared > self.limits.bodySize { throw APIError.bodyTooLarge(self.limits.bodySize) }
        let mayTakeTime = (declared ?? 0) > 0 || request.headers.contains(.transferEncoding)
        let body = try await mayTakeTime ? self.timed(request.body) : self.collect(request.body)
        guard declared == nil || declared == body.readableBytes else { throw APIError.bodyIncomplete }
        var request = request
        request.body = RequestBody(buffer: body)
        return request
    }

    private func timed(_ body: RequestBody) async throws -> ByteBuffer {
        let collected = try await self.clock.limit(to: self.limits.bodyTime) { try await self.collect(body) }
        guard let collected else { throw APIError.bodyTooSlow }
        return collected
    }

    private func collect(_ body: RequestBody) async throws -> ByteBuffer {
        do {
            return try await body.collect(upTo: self.limits.bodySize)
        } catch is NIOTooManyBytesError {
            throw APIError.bodyTooLarge(self.limits.bodySize)
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            throw APIError.bodyIncomplete
        }
    }
}
