import CloudLink
import StationCore
import StationTestSupport

/// Serves a cloud by noting down what it hears.
final class LinkSessionDouble: LinkSession {
    let outgoing: AsyncStream<String>
    private let input: AsyncStream<String>.Continuation
    private let heard = Locked<[String]>([])
    private let age = Locked<Duration?>(nil)

    init() {
        (self.outgoing, self.input) = AsyncStream.makeStream()
    }

    /// Texts, pings and pongs, in the order in which they came.
    var notes: [String] { self.heard.value }

    var oldestUnacknowledgedAge: Duration? { self.age.value }

    func say(_ text: String) {
        self.input.yield(text)
    }

    func setOldestUnacknowledgedAge(_ age: Duration?) {
        self.age.withLock { $0 = age }
    }

    func receive(_ text: String) async {
        self.heard.withLock { $0.append(text) }
    }

    func sent() async {
        self.heard.withLock { $0.append("sent") }
    }

    func pingSent(_ number: Int) async {
        self.heard.withLock { $0.append("ping \(number)") }
    }

    func pongReceived(_ number: Int) async {
        self.heard.withLock { $0.append("pong \(number)") }
    }

    func end() async {
        self.heard.withLock { $0.append("end") }
        self.input.finish()
    }
}
