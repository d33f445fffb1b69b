import CloudLink
import NIOCore
import StationCore
import StationSocket

/// A station that has nothing but its link: the machine that real stations use, over real sockets.
final class FleetStation: Sendable {
    /// What is worth counting.
    enum Turn: Sendable {
        case authenticated
        /// No longer authenticated.
        case left
        /// A connection has ended or could not be opened, and the link knows.
        case lost
    }

    let chipID: String
    private let request: SocketRequest
    private let token: Secret
    private let rules: LinkRules
    private let clock: any StationClock
    /// Is told what becomes of the link.
    private let tell: @Sendable (Turn) -> Void
    private let events: AsyncStream<FleetEvent>
    private let input: AsyncStream<FleetEvent>.Continuation

    init(
        chipID: String, token: Secret, request: SocketRequest, rules: LinkRules, clock: any StationClock,
        tell: @escaping @Sendable (Turn) -> Void
    ) {
        self.chipID = chipID
        self.token = token
        self.request = request
        self.rules = rules
        self.clock = clock
        self.tell = tell
        (self.events, self.input) = AsyncStream.makeStream()
    }

    /// Ends `run` in good order.
    func stop() {
        self.input.yield(.stop)
    }

    /// Keeps the link until it is stopped or its task cancelled.
    func run() async {
        await withDiscardingTaskGroup { group in
            var link = Link(machine: CloudLinkMachine(rules: self.rules))
            let credentials = LinkCredentials(chipID: self.chipID, claimSecret: Secret(""), stationToken: self.token)
            self.feed(.start(credentials), &link, &group)
            for await event in self.events {
                switch event {
                case .link(let input, let number) where number == link.number:
                    self.feed(input, &link, &group)
                    if case .closed = input { self.tell(.lost) }
                case .timer(let number) where number == link.timerNumber: self.feed(.timer, &link, &group)
                case .link, .timer: break
                case .stop:
                    self.feed(.stop, &link, &group)
                    self.input.finish()
                }
            }
            link.timer?.cancel()
            group.cancelAll()
        }
    }

    /// The machine and what it has set going.
    private struct Link {
        var machine: CloudLinkMachine
        var connection: SocketConnection?
        /// Of the newest connection.
        var number = 0
        /// Sleeps until the machine's one timer; not of the group, where nobody could end it early.
        var timer: Task<Void, Never>?
        var timerNumber = 0
    }

    private func feed(_ input: LinkInput, _ link: inout Link, _ group: inout DiscardingTaskGroup) {
        for action in link.machine.handle(input, at: self.clock.now) { self.perform(action, &link, &group) }
    }

    private func perform(_ action: LinkAction, _ link: inout Link, _ group: inout DiscardingTaskGroup) {
        switch action {
        case .connect:
            link.number += 1
            let number = link.number
            // The machine counts pings itself.
            let timing = SocketTiming(heartbeat: nil)
            let connection = SocketConnection(role: .client, timing: timing, clock: self.clock)
            link.connection = connection
            group.addTask { await self.open(connection, number) }
        case .send(let greeting):
            guard let connection = link.connection else { return }
            // One that has failed is told as its end.
            group.addTask { try? await connection.send(greeting.text) }
        case .ping(let number):
            link.connection?.ping(ByteBuffer(integer: number))
        case .drop:
            link.connection?.drop(because: "given up")
            link.connection = nil
            link.number += 1
        case .close:
            link.connection?.close(.normal)
            link.connection = nil
            link.number += 1
        case .setTimer(let time):
            link.timer?.cancel()
            link.timerNumber += 1
            guard let time else { return }
            let number = link.timerNumber
            link.timer = Task { await self.wait(until: time, number) }
        case .beginRPC: self.tell(.authenticated)
        case .endRPC: self.tell(.left)
        case .storeToken, .setTokenAside, .resetStation, .deliver, .ignore, .report, .warnOfCertificate: break
        }
    }

    private func wait(until time: MonotonicInstant, _ number: Int) async {
        // Cancelled: another time is set, or the station is at its end.
        if await self.clock.pause(until: time) { self.input.yield(.timer(number)) }
    }

    private func open(_ connection: SocketConnection, _ number: Int) async {
        let input = self.input
        let loss: LinkLoss
        do throws(SocketClientError) {
            let ending = try await SocketClient(opening: self.rules.connect, clock: self.clock).run(
                connection, self.request, opened: { _ in input.yield(.link(.opened, connection: number)) },
                pong: { payload in
                    guard let ping = payload.getInteger(at: payload.readerIndex, as: Int.self) else { return }
                    input.yield(.link(.pong(ping), connection: number))
                },
                receive: { message in
                    guard case .text(let text) = message else { return }
                    input.yield(.link(.message(LinkMessage(text)), connection: number))
                }
            )
            loss = Self.loss(ending)
        } catch {
            loss = .other("\(error)")
        }
        input.yield(.link(.closed(loss), connection: number))
    }

    private static func loss(_ ending: SocketEnding) -> LinkLoss {
        guard case .closedByPeer(let code, let reason) = ending else { return .other("\(ending)") }
        return .closedByServer(code: code.rawValue, reason: reason)
    }
}
