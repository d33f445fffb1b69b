internal import PollLoop
import StationCore
internal import Synchronization

/// One try to hand a mail to the server, which can be called off.
final class MailAttempt: Sendable {
    /// How long a try may take, in the time of the machine: libcurl knows no other clock.
    struct Limits: Sendable, Hashable {
        /// For name service, TCP and TLS.
        var connect = Duration.seconds(10)
        /// For all of it.
        var whole = Duration.seconds(30)
    }

    let server: MailServer
    let sender: MailAddress
    let recipient: MailAddress
    let content: [UInt8]
    let limits: Limits
    private let abortion = Atomic(false)

    init(server: MailServer, sender: MailAddress, recipient: MailAddress, content: [UInt8], limits: Limits) {
        self.server = server
        self.sender = sender
        self.recipient = recipient
        self.content = content
        self.limits = limits
    }

    /// Calls the try off; it ends within a second or so.
    func abort() {
        self.abortion.store(true, ordering: .relaxed)
    }

    var isAborted: Bool { self.abortion.load(ordering: .relaxed) }

    /// Blocks until it is over.
    func run() -> MailOutcome {
        CurlTransfer(self).perform().outcome
    }

    /// As `run()`, on a thread of its own: blocking calls have no place in the pool that all tasks share. Cancellation
    /// calls it off.
    func runOnThread() async -> MailOutcome {
        await withTaskCancellationHandler {
            do throws(LoopError) {
                return try await SystemThread.value(name: "mail") { self.run() }
            } catch {
                return .postponed("no thread to send it on: \(error)")
            }
        } onCancel: {
            self.abort()
        }
    }
}
