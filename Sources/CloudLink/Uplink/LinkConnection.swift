import NIOCore
import PollLoop
import StationCore
import StationSocket
import Synchronization

/// One connection to the cloud, from the attempt to its end.
final class LinkConnection: Sendable {
    /// One to whom a connection tells what happens on it. Called for one thing at a time.
    protocol Listener: Sendable {
        func opened(_ number: Int) async
        func received(_ text: String, on number: Int) async
        /// - Parameter ping: nil for a pong to no ping of ours.
        func ponged(_ ping: Int?, on number: Int) async
    }

    private static let path = "/ws/station"
    /// The largest frame and message of the cloud (contract 4); more closes with 1009.
    private static let maximumMessage = 1 << 20
    /// The rules' limit for connecting ends an attempt first; this is for when nobody keeps it.
    private static let openingReserve = Duration.seconds(5)
    /// How long the cloud may take to answer our Close; a stop of the agent waits for it.
    private static let closing = Duration.seconds(2)

    let number: Int
    private let configuration: CloudLinkConfiguration
    private let opening: Duration
    private let clock: any StationClock
    private let socket: SocketConnection
    private let certificateFault = Mutex<String?>(nil)

    init(number: Int, configuration: CloudLinkConfiguration, rules: LinkRules, clock: any StationClock) {
        self.number = number
        self.configuration = configuration
        self.opening = rules.connect + Self.openingReserve
        self.clock = clock
        self.socket = SocketConnection(
            role: .client,
            limits: SocketLimits(frameSize: Self.maximumMessage, messageSize: Self.maximumMessage),
            timing: SocketTiming(heartbeat: nil, closing: Self.closing), clock: clock
        )
    }

    /// When the last frame of the cloud's came.
    var lastFrameAt: MonotonicInstant? { self.socket.lastFrameAt }

    /// Whether the text is in the hands of the system.
    func send(_ text: String) async -> Bool {
        do {
            try await self.socket.send(text)
            return true
        } catch {
            return false
        }
    }

    func ping(_ number: Int) {
        self.socket.ping(ByteBuffer(integer: UInt64(number)))
    }

    func close(_ reason: LinkCloseReason) {
        switch reason {
        case .done: self.socket.close(.normal)
        case .leaving: self.socket.close(.goingAway, reason: "the station's agent stops")
        case .nonsense: self.socket.close(.policyViolation)
        }
    }

    func drop() {
        self.socket.drop(because: "given up")
    }

    /// Opens the connection and keeps it until it ends.
    ///
    /// - Returns: Why it ended, or why it could not be opened.
    func run(_ listener: any Listener) async -> LinkLoss {
        let number = self.number
        do {
            let client = SocketClient(
                opening: self.opening, usualPort: self.configuration.usualPort, proxy: self.configuration.proxy,
                clock: self.clock, prepare: try await self.preparation()
            )
            let request = try SocketRequest(
                host: self.configuration.host, port: self.configuration.port, path: Self.path
            )
            let ending = try await client.run(
                self.socket, request, opened: { _ in await listener.opened(number) },
                pong: { await listener.ponged(Self.ping(of: $0), on: number) },
                receive: { message in
                    // Binary messages mean nothing here.
                    if case .text(let text) = message { await listener.received(text, on: number) }
                }
            )
            return LinkLoss(ending)
        } catch {
            if let fault = self.certificateFault.withLock({ $0 }) { return .certificate(fault) }
            return .other("\(error)")
        }
    }

    /// What adds TLS to a channel, where it is wanted.
    private func preparation() async throws -> @Sendable (any Channel) throws -> Void {
        guard self.configuration.useTLS else { return { _ in } }
        let configuration = self.configuration
        let tls = try await SystemThread.value(name: "cloud-tls") {
            Result { () throws(LinkTLS.Fault) in try LinkTLS(configuration) }
        }.get()
        return { channel in
            try tls.add(to: channel) { fault in self.certificateFault.withLock { $0 = fault } }
        }
    }

    private static func ping(of payload: ByteBuffer) -> Int? {
        guard payload.readableBytes == MemoryLayout<UInt64>.size else { return nil }
        return payload.getInteger(at: payload.readerIndex, as: UInt64.self).flatMap(Int.init(exactly:))
    }
}
