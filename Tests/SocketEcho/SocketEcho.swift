import Glibc
import StationCore
import StationSocket
import StationTestSupport

/// `SocketEcho server PORT` and `SocketEcho client ws://HOST:PORT`: sends back what comes. Only for
/// `scripts/conformance`.
@main
struct SocketEcho {
    /// The suite's limit cases go up to 16 MiB in one message, and up to 64 KiB fragments.
    static let limits = SocketLimits(
        frameSize: 32 << 20, messageSize: 32 << 20, fragments: 1 << 20,
        controlFrames: TokenBucket.Limit(perSecond: 10_000, burst: 10_000)
    )

    static func main() async {
        let arguments = CommandLine.arguments.dropFirst()
        do {
            switch (arguments.first, arguments.last) {
            case ("server", let port?):
                guard let port = Int(port) else { throw EchoError("“\(port)” is no port") }
                try await SocketListener.run(port: port, limits: Self.limits, receive: Self.echo) { _ in
                    while true { try await Task.sleep(for: .seconds(3_600)) }
                }
            case ("client", let url?):
                try await EchoClient(url: url).run()
            default:
                throw EchoError("usage: SocketEcho server PORT | client ws://HOST:PORT")
            }
        } catch {
            print("SocketEcho: \(error)")
            exit(1)
        }
    }

    /// What both sides do with a message.
    static func echo(_ message: SocketMessage, _ connection: SocketConnection) async {
        // Fails only where the connection is over, and then `run` ends by itself.
        try? await connection.send(message)
    }
}

struct EchoError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
