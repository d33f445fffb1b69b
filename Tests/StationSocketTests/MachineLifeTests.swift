import NIOCore
import StationCore
import StationSocket
import StationTestSupport
import Testing

@Suite("The life of a connection")
struct MachineLifeTests {
    @Test("A ping is answered with its own bytes, and told")
    func ping() {
        var run = MachineRun()
        run.receive(.client(9, [1, 2, 3]), .client(9))
        #expect(run.events == [.ping(ByteBuffer(bytes: [1, 2, 3])), .ping(ByteBuffer())])
        #expect(run.sent == [0x8A, 3, 1, 2, 3, 0x8A, 0])
    }

    @Test("Of answers that nobody takes only the newest sixteen wait")
    func pongs() {
        var machine = SocketMachine(role: .server, at: MachineRun.start)
        for number in 0..<40 {
            machine.receive(ByteBuffer(bytes: RawFrame.client(9, [UInt8(number)]).bytes))
            while machine.nextEvent(at: MachineRun.start) != nil {}
        }
        var answers: [UInt8] = []
        while let frame = machine.nextControlFrame() { answers.append(frame.readableBytesView.last ?? 0) }
        #expect(answers == (24..<40).map { UInt8($0) })
    }

    @Test("A client's frames are masked, each with another key")
    func masks() {
        let machine = SocketMachine(role: .client, at: MachineRun.start)
        let frames = (0..<8).compactMap { _ in machine.frame(of: .text("hello")) }.map { Array($0.readableBytesView) }
        #expect(frames.allSatisfy { $0.count == 11 && $0[0] == 0x81 && $0[1] == 0x85 })
        #expect(Set(frames.map { $0[2..<6] }).count == 8)
        let unmasked = frames.map { frame in (0..<5).map { frame[6 + $0] ^ frame[2 + $0 % 4] } }
        #expect(unmasked.allSatisfy { $0 == Array("hello".utf8) })
    }

    @Test("The peer's Close is echoed with its code, once, and nothing is understood or sent after it")
    func peerCloses() {
        var run = MachineRun()
        run.receive(.close(4000, Array("why".utf8)), .text("late"), .client(9), .close(1000))
        #expect(run.events == [.closed(.closedByPeer(SocketCloseCode(rawValue: 4000), reason: "why"))])
        #expect(run.sent == [0x88, 2, 0x0F, 0xA0])
        #expect(run.machine.isFinished)
        #expect(run.machine.frame(of: .text("late")) == nil)
        run.close(.normal)
        run.wait(.seconds(3_600))
        run.lose()
        #expect(run.events.count == 1)
        #expect(run.sent.count == 4)
    }

    @Test("A Close without code is answered without code")
    func emptyClose() {
        var run = MachineRun()
        run.receive(.client(8))
        #expect(run.events == [.closed(.closedByPeer(.noStatus, reason: ""))])
        #expect(run.sent == [0x88, 0])
    }

    @Test("A server is done when the Close is written, a client waits for the server to end the transport")
    func whoEndsTheTransport() {
        var server = SocketMachine(role: .server, at: MachineRun.start)
        server.receive(ByteBuffer(bytes: RawFrame.close(1000).bytes))
        _ = server.nextEvent(at: MachineRun.start)
        #expect(!server.isFinished)
        #expect(server.nextControlFrame() != nil)
        #expect(server.isFinished)
        #expect(!server.isOverdue)

        var client = MachineRun(.client)
        client.receive(RawFrame(opcode: 8, payload: [0x03, 0xE8]))
        #expect(!client.machine.isFinished)
        var cut = client
        cut.lose()
        #expect(cut.machine.isFinished)
        client.wait(.seconds(4))
        #expect(!client.machine.isFinished)
        client.wait(.seconds(1))
        #expect(client.machine.isOverdue)
        #expect(client.events == [.closed(.closedByPeer(.normal, reason: ""))])
    }

    @Test("Our Close is answered; messages that cross it are dropped, pings not answered any more")
    func weClose() {
        var run = MachineRun()
        run.close(.goingAway, reason: "bye")
        run.receive(.text("crossing"), .client(9, [1]))
        #expect(run.events.isEmpty)
        #expect(run.machine.ending == nil)
        run.receive(.close(1001))
        #expect(run.events == [.closed(.closedByUs(.goingAway, reason: "bye", isAnswered: true))])
        #expect(run.sent == [0x88, 5, 0x03, 0xE9] + Array("bye".utf8))
        #expect(run.machine.isFinished)
    }

    @Test("A Close that is not answered in time ends the connection all the same")
    func unanswered() {
        var run = MachineRun(timing: SocketTiming(closing: .seconds(5)))
        run.close(.normal)
        run.wait(.milliseconds(4_999))
        #expect(run.events.isEmpty)
        run.wait(.milliseconds(1))
        #expect(run.events == [.closed(.closedByUs(.normal, reason: "", isAnswered: false))])
        #expect(run.machine.isOverdue)
        #expect(run.machine.deadline == nil)
    }

    @Test("A fault after our Close brings no second one")
    func faultWhileClosing() {
        var run = MachineRun()
        run.close(.normal)
        let sent = run.sent
        run.receive(.client(3))
        #expect(run.sent == sent)
        #expect(run.events == [.closed(.failed(.reservedOpcode(3)))])
    }

    @Test("After a fault the peer is listened to for a moment, so that our Close reaches it, and not understood")
    func lingers() {
        var run = MachineRun(timing: SocketTiming(lingering: .milliseconds(200)))
        run.receive(.client(3))
        run.receive(.close(1000), .text("late"))
        #expect(run.events.count == 1)
        #expect(!run.machine.isFinished)
        run.wait(.milliseconds(199))
        #expect(!run.machine.isFinished)
        run.wait(.milliseconds(1))
        #expect(run.machine.isOverdue)
        #expect(run.events.count == 1)
    }

    @Test("A transport that ends without a Close is a loss")
    func loss() {
        var run = MachineRun()
        run.receive(Array(RawFrame.text("half").bytes.prefix(5)))
        run.lose()
        #expect(run.events == [.closed(.lost(detail: "cut"))])
        #expect(run.sent.isEmpty)
    }

    @Test("A code that must not be sent becomes 1000, a long reason is cut between characters", arguments: [1005, 999])
    func badClose(_ code: UInt16) {
        var run = MachineRun()
        run.close(SocketCloseCode(rawValue: code), reason: String(repeating: "ä", count: 100))
        #expect(
            run.understood() == [.closed(.closedByPeer(.normal, reason: String(repeating: "ä", count: 61)))]
        )
    }

    @Test("Pings go out at their time, with changing bytes; two without any frame in return end the connection")
    func heartbeat() {
        var run = MachineRun(timing: SocketTiming(heartbeat: .seconds(30)))
        run.wait(.milliseconds(29_999))
        #expect(run.sent.isEmpty)
        run.wait(.milliseconds(1))
        let first = run.sent
        #expect(first.prefix(2) == [0x89, 8])
        run.wait(.seconds(30))
        #expect(run.sent.count == 20)
        #expect(run.sent.suffix(10) != first[...])
        #expect(run.machine.isOpen)
        run.wait(.seconds(30))
        #expect(run.events == [.closed(.silent)])
        #expect(run.sent.count == 20)
        #expect(run.machine.isOverdue)
    }

    @Test(
        "Whatever frame comes counts as life, half a frame does not",
        arguments: [RawFrame.client(10), .client(9), .text("a"), .text("a", isFinal: false), .client(2)]
    )
    func life(_ frame: RawFrame) {
        var run = MachineRun()
        run.wait(.seconds(30))
        run.wait(.seconds(30))
        run.receive(frame)
        run.wait(.seconds(30))
        run.wait(.seconds(30))
        #expect(run.machine.isOpen)
        run.receive([0x81])
        run.wait(.seconds(30))
        #expect(!run.machine.isOpen)
    }
}
