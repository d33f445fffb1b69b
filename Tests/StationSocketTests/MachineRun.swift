import NIOCore
import StationCore
import StationSocket
import StationTestSupport

/// A machine with all that it said so far.
struct MachineRun {
    static let start = MonotonicInstant(sinceOrigin: .seconds(1_000))

    private(set) var machine: SocketMachine
    private(set) var events: [SocketEvent] = []
    /// The control frames that it sent.
    private(set) var sent: [UInt8] = []
    var now = MachineRun.start

    init(_ role: SocketRole = .server, limits: SocketLimits = SocketLimits(), timing: SocketTiming = SocketTiming()) {
        self.machine = SocketMachine(role: role, limits: limits, timing: timing, at: Self.start)
    }

    mutating func receive(_ bytes: [UInt8]) {
        self.machine.receive(ByteBuffer(bytes: bytes))
        while let event = self.machine.nextEvent(at: self.now) { self.events.append(event) }
        self.collect()
    }

    mutating func receive(_ frames: RawFrame...) {
        self.receive(frames.flatMap(\.bytes))
    }

    mutating func wait(_ duration: Duration) {
        self.now = self.now.advanced(by: duration)
        if let event = self.machine.timePasses(at: self.now) { self.events.append(event) }
        self.collect()
    }

    mutating func close(_ code: SocketCloseCode, reason: String = "") {
        self.machine.close(code, reason: reason, at: self.now)
        self.collect()
    }

    mutating func lose() {
        if let event = self.machine.transportEnds(detail: "cut") { self.events.append(event) }
        self.collect()
    }

    /// What a peer of the other role makes of the control frames; fails to parse nothing that is in order.
    func understood() -> [SocketEvent] {
        var peer = MachineRun(self.machine.role == .server ? .client : .server)
        peer.receive(self.sent)
        return peer.events
    }

    private mutating func collect() {
        while let frame = self.machine.nextControlFrame() { self.sent += Array(frame.readableBytesView) }
    }
}
