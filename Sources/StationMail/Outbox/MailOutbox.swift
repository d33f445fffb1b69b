public import Logging
public import ServiceLifecycle
public import StationCore
internal import Synchronization

/// Sends e-mails one after another, beside everything else: whoever posts one never waits.
///
/// Nothing is written to disk: what waits is worth minutes, and a stop drops it. A mail is tried again only if the
/// server cannot have taken it, since two mails for one code would be worse than none.
public final class MailOutbox: MailSender, Service {
    public struct Limits: Sendable, Hashable {
        /// How many mails wait at most; one more displaces the oldest.
        public var capacity = 100
        /// For name service, TCP and TLS.
        public var connect = Duration.seconds(10)
        /// For one try.
        public var attempt = Duration.seconds(30)
        /// How long a graceful stop lets the mail under way go on; must be less than the stop limit of the station.
        public var stop = Duration.seconds(5)

        public init() {}
    }

    private struct State {
        var queue: MailQueue
        var lastNumber = 0
        var underWay: MailAttempt?
        /// Nothing more is begun.
        var isClosed = false
    }

    private let server: MailServer
    private let sender: MailAddress
    private let limits: Limits
    private let clock: any StationClock
    private let metrics: MetricRegistry
    private let logger: Logger
    private let state: Mutex<State>
    private let (rings, bell) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))

    public init(
        server: MailServer, sender: MailAddress, limits: Limits = Limits(), clock: any StationClock,
        metrics: MetricRegistry, logger: Logger
    ) {
        self.server = server
        self.sender = sender
        self.limits = limits
        self.clock = clock
        self.metrics = metrics
        self.logger = logger
        self.state = Mutex(State(queue: MailQueue(capacity: limits.capacity)))
    }

    public func post(_ message: MailMessage) {
        let now = self.clock.now
        let text = MailText(message, from: self.sender, at: self.clock.wallTime)
        let lost = self.state.withLock { state -> (QueuedMail, MailMetrics.Fate)? in
            state.lastNumber += 1
            let mail = QueuedMail(
                number: state.lastNumber, recipient: message.to, text: text,
                expiresAt: now.advanced(by: message.goodFor), dueAt: now)
            if state.isClosed { return (mail, .stopped) }
            return state.queue.add(mail).map { ($0, .displaced) }
        }
        if let (mail, fate) = lost { self.conclude(mail, fate) }
        self.bell.yield()
    }

    /// Sends what is posted until the station stops.
    public func run() async {
        await withGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                group.addTask { await self.limitStop() }
                for await _ in self.rings {
                    while let (mail, attempt) = self.begin() {
                        guard let pause = self.digest(await attempt.runOnThread(), of: mail) else { continue }
                        group.addTask {
                            // The pause between two tries of one mail; the station stops if it is broken off.
                            guard await self.clock.pause(for: pause) else { return }
                            self.bell.yield()
                        }
                    }
                }
                group.cancelAll()
            }
        } onGracefulShutdown: {
            self.state.withLock { $0.isClosed = true }
            self.bell.finish()
        }
        let rest = self.state.withLock { state in
            state.isClosed = true
            return state.queue.takeAll()
        }
        for mail in rest { self.conclude(mail, .stopped) }
    }

    /// Calls off what is under way when the station has waited for it long enough.
    private func limitStop() async {
        do {
            try await gracefulShutdown()
        } catch {
            // Cancelled: nothing is under way any more, or its own task is cancelled too.
            return
        }
        guard await self.clock.pause(for: self.limits.stop) else { return }
        self.state.withLock { $0.underWay }?.abort()
    }

    /// The next mail whose time has come; those that came too late are cleared away.
    private func begin() -> (QueuedMail, MailAttempt)? {
        while true {
            let now = self.clock.now
            let next = self.state.withLock { state -> (QueuedMail, MailAttempt?)? in
                guard !state.isClosed, let mail = state.queue.takeDue(at: now) else { return nil }
                guard now < mail.expiresAt else { return (mail, nil) }
                let attempt = self.attempt(mail, at: now)
                state.underWay = attempt
                return (mail, attempt)
            }
            guard let (mail, attempt) = next else { return nil }
            if let attempt { return (mail, attempt) }
            self.conclude(mail, .expired)
        }
    }

    private func attempt(_ mail: QueuedMail, at now: MonotonicInstant) -> MailAttempt {
        // No longer than it is worth sending; libcurl takes 0 for “for ever”.
        let whole = max(.seconds(1), min(self.limits.attempt, now.duration(to: mail.expiresAt)))
        return MailAttempt(
            server: self.server, sender: self.sender, recipient: mail.recipient, content: mail.text.bytes,
            limits: MailAttempt.Limits(connect: min(self.limits.connect, whole), whole: whole))
    }

    /// Takes note of a try. Returns after what pause the mail is to be tried again, if it is.
    private func digest(_ outcome: MailOutcome, of mail: QueuedMail) -> Duration? {
        self.state.withLock { $0.underWay = nil }
        switch outcome {
        case .delivered: self.conclude(mail, .delivered)
        case .refused(let reason): self.conclude(mail, .refused, reason)
        case .unconfirmed(let reason): self.conclude(mail, .unconfirmed, reason)
        case .postponed(let reason): return self.postpone(mail, reason)
        }
        return nil
    }

    private func postpone(_ mail: QueuedMail, _ reason: String) -> Duration? {
        var mail = mail
        mail.attempts += 1
        let pause = mail.backoff.next()
        mail.dueAt = self.clock.now.advanced(by: pause)
        guard mail.dueAt < mail.expiresAt else {
            self.conclude(mail, .expired, reason)
            return nil
        }
        let lost = self.state.withLock { state -> (QueuedMail, MailMetrics.Fate)? in
            state.isClosed ? (mail, .stopped) : state.queue.add(mail).map { ($0, .displaced) }
        }
        if let (lost, fate) = lost {
            self.conclude(lost, fate, lost.number == mail.number ? reason : nil)
            if lost.number == mail.number { return nil }
        }
        self.metrics.count(MailMetrics.retries)
        self.logger.notice(
            "the mail server did not take an e-mail; it is tried again",
            metadata: self.metadata(mail, reason).merging(["pause": "\(pause.seconds) s"]) { $1 })
        return pause
    }

    // MARK: - Telling

    private func conclude(_ mail: QueuedMail, _ fate: MailMetrics.Fate, _ reason: String? = nil) {
        self.metrics.count(MailMetrics.mails, fate.rawValue)
        let (level, text): (Logger.Level, Logger.Message) =
            switch fate {
            case .delivered: (.info, "an e-mail was handed to the mail server")
            case .refused: (.error, "an e-mail was not sent: the mail server refused it or cannot be used")
            case .unconfirmed: (.warning, "the mail server did not confirm an e-mail; it is not sent a second time")
            case .expired: (.error, "an e-mail was not sent in time and is given up")
            case .displaced: (.error, "an e-mail was dropped: too many are waiting")
            case .stopped: (.warning, "an e-mail was dropped: the station stops")
            }
        self.logger.log(level: level, text, metadata: self.metadata(mail, reason))
    }

    /// Neither subject nor text: both may hold a code.
    private func metadata(_ mail: QueuedMail, _ reason: String?) -> Logger.Metadata {
        var metadata: Logger.Metadata = [
            "messageID": "\(mail.text.messageID)", "to": "\(mail.recipient.masked)", "server": "\(self.server)",
        ]
        if let reason { metadata["error"] = "\(reason)" }
        return metadata
    }
}
