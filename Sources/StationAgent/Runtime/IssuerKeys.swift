import Accounts
import Logging
import ServiceLifecycle
import StationCore

/// Keeps the keys of the token issuer fresh (contract 6: in the background, and a known key keeps working while the
/// issuer is unreachable).
///
/// It looks at once, then every 10 minutes, or at a file every 30 seconds; after a failure sooner, and when a token names
/// an unknown key.
struct IssuerKeys: Service {
    /// Tokens make it look again at most so often: anybody can send one.
    static let unknownKeyPause = Duration.seconds(30)
    private static let shortestPause = Duration.seconds(1)

    /// What is known of the looks so far.
    private struct Progress {
        var backoff: Backoff
        /// The file as it was when its keys were taken.
        var stamp: FileStamp?
        /// Why the last look failed; `nil` when it did not.
        var fault: String?
        var hasSucceeded = false
    }

    private let tokens: IssuerTokens
    private let source: IssuerKeySource
    private let clock: any StationClock
    private let logger: Logger
    private let fetch: @Sendable () async throws -> [UInt8]

    /// - Parameter fetch: Gets the document; `nil`: the source itself is read.
    init(
        tokens: IssuerTokens, source: IssuerKeySource, clock: any StationClock, logger: Logger,
        fetch: (@Sendable () async throws -> [UInt8])? = nil
    ) {
        self.tokens = tokens
        self.source = source
        self.clock = clock
        self.logger = logger
        self.fetch = fetch ?? { try await source.read() }
    }

    func run() async throws {
        await cancelWhenGracefulShutdown { await self.keepFresh() }
    }

    private func keepFresh() async {
        var progress = Progress(backoff: Backoff(base: Self.shortestPause, limit: self.source.longestPause))
        while !Task.isCancelled {
            // From before the look on: an unknown key that is named during it may be newer than what it finds.
            let rings = self.tokens.unknownKeys()
            let start = self.clock.now
            await self.look(&progress)
            let pause = progress.fault == nil ? self.source.period : progress.backoff.next()
            // Cancellation is the only error, and the loop looks for it.
            _ = try? await self.clock.limit(to: pause) {
                try await self.unknownKey(rings, notBefore: start.advanced(by: Self.unknownKeyPause))
            }
        }
    }

    /// Waits for a token with an unknown key, and then for the time at which it may count.
    private func unknownKey(_ rings: AsyncStream<Void>, notBefore time: MonotonicInstant) async throws {
        for await _ in rings { return try await self.clock.sleep(until: time) }
    }

    private func look(_ progress: inout Progress) async {
        // Before the reading: what is written in between is found the next time.
        let stamp = self.source.stamp
        if progress.fault == nil, let stamp, stamp == progress.stamp { return }
        do {
            let count = try await self.tokens.replaceKeys(jwks: self.fetch())
            self.tell(count, isNews: progress.fault != nil || !progress.hasSucceeded || stamp != nil)
            progress.hasSucceeded = true
            progress.stamp = stamp
            progress.fault = nil
            progress.backoff.reset()
        } catch {
            guard !Task.isCancelled else { return }
            let reason = "\(error)"
            if reason != progress.fault { self.complain(reason) }
            progress.fault = reason
        }
    }

    private func tell(_ count: Int, isNews: Bool) {
        self.logger.log(
            level: isNews ? .notice : .debug, "the keys of the token issuer were read", metadata: ["keys": "\(count)"])
    }

    private func complain(_ reason: String) {
        let message: Logger.Message =
            self.tokens.hasKeys
            ? "the keys of the token issuer cannot be read; those that are known keep working"
            : "the keys of the token issuer cannot be read; its tokens are refused until they can"
        self.logger.warning(message, metadata: ["error": "\(reason)"])
    }
}
