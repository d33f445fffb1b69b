import ServiceLifecycle
import StationCore
import StationMail
import StationTestSupport

/// An outbox at work, with a clock that only the test moves.
///
///     try await PostOffice.run(to: server.plain) { office in
///         office.post(try .greeting())
///         try await office.count(.delivered, is: 1)
///     }
struct PostOffice {
    static let sender = "station@home.example"

    let outbox: MailOutbox
    let clock = ManualClock()
    let metrics = MetricRegistry()
    let log = LogRecorder()
    private let services: ServiceGroup

    private init(_ server: MailServer, _ limits: MailOutbox.Limits) throws {
        self.outbox = MailOutbox(
            server: server, sender: try MailAddress(Self.sender, name: "Küche"), limits: limits, clock: self.clock,
            metrics: self.metrics, logger: self.log.logger)
        self.services = ServiceGroup(services: [self.outbox], logger: LogRecorder().logger)
    }

    /// Opens an outbox, runs `body` and stops the outbox, whatever happens.
    ///
    /// - Parameter posting: What waits before the outbox begins to work.
    static func run(
        to server: MailServer, limits: MailOutbox.Limits = MailOutbox.Limits(), posting: [MailMessage] = [],
        isolation: isolated (any Actor)? = #isolation, _ body: (PostOffice) async throws -> Void
    ) async throws {
        let office = try PostOffice(server, limits)
        for message in posting { office.post(message) }
        let work = Task { try await office.services.run() }
        do {
            try await body(office)
        } catch {
            await Self.end(work)
            throw error
        }
        await Self.end(work)
    }

    private static func end(_ work: Task<Void, any Error>) async {
        work.cancel()
        // A group that is cancelled says so, which is what was wanted.
        _ = await work.result
    }

    func post(_ message: MailMessage) {
        self.outbox.post(message)
    }

    /// Tells the outbox to stop, as a stop of the station does; returns at once.
    func beginStop() async {
        await self.services.triggerGracefulShutdown()
    }

    func count(_ fate: MailMetrics.Fate) -> Int {
        self.metrics.value(of: MailMetrics.mails, fate.rawValue)
    }

    var retries: Int { self.metrics.value(of: MailMetrics.retries) }

    /// Waits until so many mails have ended so, and checks that none has ended otherwise.
    func wait(for fates: [MailMetrics.Fate: Int]) async throws {
        let total = fates.values.reduce(0, +)
        try await eventually("\(total) mails have come to an end") {
            MailMetrics.Fate.allCases.map(self.count).reduce(0, +) >= total
        }
        let found = MailMetrics.Fate.allCases.map { ($0, self.count($0)) }.filter { $0.1 > 0 }
        let counts = Dictionary(uniqueKeysWithValues: found)
        guard counts == fates else { throw UnexpectedFates(description: "\(counts): \(self.log.lines)") }
    }

    /// Waits until a mail is to be tried again, and lets the pause pass.
    func passRetryPause(_ number: Int) async throws {
        try await eventually("retry \(number) is planned") { self.retries == number && self.clock.sleeperCount == 1 }
        self.clock.advance(by: .seconds(900))
    }

    struct UnexpectedFates: Error, CustomStringConvertible {
        let description: String
    }
}

extension SMTPServerProcess {
    /// How the outbox reaches this server.
    func address(
        host: String = "127.0.0.1", _ security: MailServer.Security = .startTLS, caFile: String? = nil,
        credentials: MailServer.Credentials? = nil
    ) -> MailServer {
        MailServer(
            host: host, port: UInt16(self.port), security: security, credentials: credentials, caFile: caFile)
    }
}

extension MailMessage {
    /// A mail with a code in it.
    static func code(
        _ code: String = "471123", to recipient: String = "ada@example.org", goodFor: Duration = .seconds(86_400)
    ) throws -> MailMessage {
        try MailMessage(
            to: MailAddress(recipient), subject: "Your code is \(code)", text: "Enter \(code).\n", goodFor: goodFor)
    }
}
