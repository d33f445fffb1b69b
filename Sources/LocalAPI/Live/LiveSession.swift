import Accounts
import Logging
import StationCore
import StationData
import StationSocket

/// One client of `/ws` or `/ws/provisioning` from its opening to its end (contract 3).
struct LiveSession: Sendable {
    private static let authenticationTime = Duration.seconds(5)
    static let errorsForgiven = 10
    /// The session's token has expired, or whoever it belongs to may no longer be here.
    static let sessionEnded = SocketCloseCode(rawValue: 4401)
    private static let resync = SocketMessage.text(#"{"type":"resync_required"}"#)
    /// As many messages go out with one write at most.
    private static let batchSize = 64
    private static let tooMany = SocketCloseCode(rawValue: 1013)

    let feed: LiveFeed
    let hub: StationHub
    let desk: AccountDesk
    let configuration: LocalAPIConfiguration
    let clock: any StationClock
    let connection: SocketConnection
    let client: LiveClient
    let seat: ProvisioningSeat
    /// Whether the client came for provisioning, and so need not say so.
    let isForProvisioning: Bool

    /// Does what must be done beside reading: sends what is new and ends the session when its time is over.
    func accompany() async {
        defer { self.seat.close() }
        do {
            let identity = try await self.clock.limit(to: Self.authenticationTime) {
                await self.client.firstIdentity()
            }
            guard let identity, let identity else {
                self.connection.close(.policyViolation, reason: "no token came in time")
                return
            }
            guard self.feed.join(self.client, of: identity.user.id) else {
                self.connection.close(Self.tooMany, reason: "too many sessions are open")
                return
            }
            defer { self.feed.leave(self.client) }
            await withDiscardingTaskGroup { group in
                group.addTask { await self.send(to: identity) }
                group.addTask { await self.endWithAccount() }
                group.addTask { await self.endWithToken() }
            }
        } catch {
            // The session is over before it began.
        }
    }

    // MARK: Who it is

    func authenticate(_ token: Secret) async {
        do throws(AccountError) {
            let (user, claims) = try await self.desk.authenticate(token)
            guard self.client.identify(RequestIdentity(user: user, claims: claims)) else {
                self.connection.close(.policyViolation, reason: "this session belongs to somebody else")
                return
            }
        } catch {
            self.connection.close(.policyViolation, reason: error.description)
        }
    }

    /// Closes the session at the moment in which its token expires, unless a fresh one has come by then.
    private func endWithToken() async {
        while let claims = self.client.identity?.claims {
            let left = claims.expiresAt.milliseconds - self.hub.tokenTime.milliseconds
            guard left > 0 else {
                self.connection.close(Self.sessionEnded, reason: "the token has expired")
                return
            }
            // Cancelled: the session is over.
            guard await self.clock.pause(for: .milliseconds(left)) else { return }
        }
    }

    /// Closes the session when whoever it belongs to is no longer signed in.
    private func endWithAccount() async {
        var changes = self.client.accountChanges.makeAsyncIterator()
        repeat {
            // The first time at once: what has changed before the feed knew the client was told to nobody.
            guard let claims = self.client.identity?.claims, self.desk.user(of: claims) != nil else {
                self.connection.close(Self.sessionEnded, reason: "the session has ended")
                return
            }
        } while await changes.next() != nil
    }

    // MARK: Sending

    private func send(to identity: RequestIdentity) async {
        do throws(SocketError) {
            try await self.greet(identity)
            while case let batch = await self.client.inbox.batch(upTo: Self.batchSize), !batch.isEmpty {
                // Once more: what the client may see or wants can have changed since.
                let interest = self.client.interest
                if batch.contains(where: \.isLagged) { self.seat.renew() }
                try await self.connection.send(batch.compactMap { Self.message(for: $0, interest) })
            }
        } catch {
            // It is closed; whoever reads has noticed as well.
        }
    }

    private static func message(
        for element: LiveClient.Inbox.Element, _ interest: LiveInterest
    ) -> SocketMessage? {
        switch element {
        case .lagged, .message(.resync): self.resync
        case .message(.news(let subject, let text)): interest.includes(subject) ? .text(text) : nil
        case .message(.provisioning(let text)): .text(text)
        }
    }

    private func greet(_ identity: RequestIdentity) async throws(SocketError) {
        let hello: JSONValue = [
            "type": "hello", "stationId": .string(self.configuration.stationID.description),
            "version": .string(self.configuration.version), "user": identity.user.json,
        ]
        try await self.connection.send(hello.description)
        for text in self.feed.statusTexts { try await self.connection.send(text) }
        if self.isForProvisioning { self.seat.take() }
    }
}

extension LiveClient.Inbox.Element {
    fileprivate var isLagged: Bool {
        switch self {
        case .lagged: true
        case .message: false
        }
    }
}
