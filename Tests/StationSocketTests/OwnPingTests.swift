import NIOCore
import StationCore
import StationSocket
import StationTestSupport
import Testing

@Suite("Pings that the owner of a connection sends")
struct OwnPingTests {
    @Test("Without a heartbeat the machine sends no ping and has no deadline, and silence is no fault")
    func noHeartbeat() {
        var machine = SocketMachine(role: .client, timing: SocketTiming(heartbeat: nil), at: MachineRun.start)
        #expect(machine.deadline == nil)
        #expect(machine.timePasses(at: MachineRun.start.advanced(by: .seconds(86_400))) == nil)
        #expect(machine.nextControlFrame() == nil)
        #expect(machine.isOpen)
        machine.close(.normal, reason: "", at: MachineRun.start)
        #expect(machine.deadline == MachineRun.start.advanced(by: .seconds(5)))
    }

    @Test("The last frame is dated, whatever it is; half a frame is none")
    func lastFrame() {
        var machine = SocketMachine(role: .client, timing: SocketTiming(heartbeat: nil), at: MachineRun.start)
        #expect(machine.lastFrameAt == nil)
        let frames = [
            RawFrame(opcode: 1, payload: [0x61], isFinal: false), RawFrame(opcode: 9, payload: []),
            RawFrame(opcode: 10, payload: []), RawFrame(opcode: 0, payload: [0x62]),
        ]
        for (index, frame) in frames.enumerated() {
            let time = MachineRun.start.advanced(by: .seconds(index))
            machine.receive(ByteBuffer(bytes: frame.bytes))
            while machine.nextEvent(at: time) != nil {}
            #expect(machine.lastFrameAt == time)
        }
        machine.receive(ByteBuffer(bytes: [0x81, 0x05, 0x61]))
        #expect(machine.nextEvent(at: MachineRun.start.advanced(by: .seconds(9))) == nil)
        #expect(machine.lastFrameAt == MachineRun.start.advanced(by: .seconds(3)))
    }

    @Test("A ping comes back with its payload; a dropped connection ends without a Close")
    func pingAndDrop() async throws {
        try await SocketListener.run(receive: { _, _ in }) { listener in
            let connection = SocketConnection(role: .client, timing: SocketTiming(heartbeat: nil))
            let pongs = Locked<[String]>([])
            let request = try SocketRequest(host: "127.0.0.1", port: listener.port)
            async let ending = SocketClient().run(
                connection, request, pong: { payload in pongs.withLock { $0.append(String(buffer: payload)) } }
            ) { _ in }
            try await eventually("it is open") { listener.connections.count == 1 }
            connection.ping(ByteBuffer(string: "one"))
            try await eventually("answered") { pongs.value == ["one"] }
            #expect(connection.lastFrameAt != nil)
            connection.drop(because: "enough")
            let how = try await ending
            #expect(how == .lost(detail: "enough"))
            connection.ping(ByteBuffer(string: "two"))
            try await eventually("the server has noticed") { listener.endings.count == 1 }
        }
    }
}
