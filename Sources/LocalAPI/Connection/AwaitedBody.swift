import HTTPTypes
import HummingbirdCore
import NIOCore
import NIOHTTPTypes
import Synchronization

/// The body of a request whose sender waits to be asked for it (`Expect: 100-continue`, RFC 9110, 10.1.1).
///
/// It is asked for when a route begins to read: whoever has no access, or announces too much, is told so before.
final class AwaitedBody: Sendable {
    private let expectation: String?
    private let body: RequestBody
    private let channel: any Channel
    private let isInvited = Atomic(false)

    init(_ request: Request, channel: any Channel) {
        let hasBody =
            request.headers.contains(.transferEncoding) || request.headers[.contentLength].map { $0 != "0" } ?? false
        self.expectation = request.headers[.expect].flatMap { hasBody || !Self.isContinue($0) ? $0 : nil }
        self.body = request.body
        self.channel = channel
    }

    private static func isContinue(_ expectation: String) -> Bool { expectation.lowercased() == "100-continue" }

    /// - Throws: For what is expected of the station and cannot be.
    func check() throws(APIError) {
        if let expectation, !Self.isContinue(expectation) { throw .unmetExpectation(expectation) }
    }

    /// Whether the sender still waits.
    var isAwaited: Bool { self.expectation != nil && !self.isInvited.load(ordering: .relaxed) }

    /// The body, which asks for itself.
    var inviting: RequestBody { RequestBody(asyncSequence: Inviting(awaited: self)) }

    private func invite() {
        guard !self.isInvited.exchange(true, ordering: .relaxed) else { return }
        self.channel.writeAndFlush(HTTPResponsePart.head(HTTPResponse(status: .continue)), promise: nil)
    }

    private struct Inviting: AsyncSequence, Sendable {
        typealias Element = ByteBuffer

        let awaited: AwaitedBody

        struct AsyncIterator: AsyncIteratorProtocol {
            let awaited: AwaitedBody
            var base: RequestBody.AsyncIterator

            mutating func next() async throws -> ByteBuffer? {
                self.awaited.invite()
                return try await self.base.next()
            }
        }

        func makeAsyncIterator() -> AsyncIterator {
            AsyncIterator(awaited: self.awaited, base: self.awaited.body.makeAsyncIterator())
        }
    }
}
