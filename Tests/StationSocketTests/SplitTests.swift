import NIOCore
import StationCore
import StationSocket
import StationTestSupport
import Testing

@Suite("Bytes in whatever pieces they come")
struct SplitTests {
    /// What ends well and what does not, with every form of length that the limits let through.
    static let conversations: [[RawFrame]] = [
        [.text("Grüße, 世界 🌍"), .client(2, [0, 1, 2]), .client(9, [7]), .close(1000, Array("bye".utf8))],
        [
            .text("ha", isFinal: false), .client(9, Array("now".utf8)), .more("l", isFinal: false), .client(10),
            .more("f"), .client(8),
        ],
        [.client(2, Array(repeating: 5, count: 126)), .client(1), .close(4401)],
        [.text("a"), .client(1, [0x61, 0xF0, 0x9F, 0x92, 0xFF]), .text("never")],
        [.text("a", isFinal: false), .text("b"), .client(9)],
        [.client(9, [1]), .client(8, [3]), .client(9, [2])],
        [.text("a"), RawFrame(opcode: 3, key: [1, 2, 3, 4]), .text("b")],
    ]

    @Test("give the same events and answers, wherever they are cut", arguments: conversations.indices)
    func everyCut(_ index: Int) {
        let bytes = Self.conversations[index].flatMap(\.bytes)
        var whole = MachineRun()
        whole.receive(bytes)
        #expect(!whole.events.isEmpty)
        for cut in 0...bytes.count {
            var halves = MachineRun()
            halves.receive(Array(bytes[..<cut]))
            halves.receive(Array(bytes[cut...]))
            #expect(halves.events == whole.events, "cut at \(cut)")
            #expect(halves.sent == whole.sent, "cut at \(cut)")
        }
        var drops = MachineRun()
        for byte in bytes { drops.receive([byte]) }
        #expect(drops.events == whole.events)
        #expect(drops.sent == whole.sent)
    }

    @Test(
        "are understood at every length at which the header changes", arguments: [0, 1, 125, 126, 127, 65_535, 65_536])
    func lengths(_ size: Int) throws {
        let payload = ByteBuffer(bytes: (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7) })
        for role in [SocketRole.client, .server] {
            let sender = SocketMachine(role: role, at: MachineRun.start)
            let frame = try #require(sender.frame(of: .binary(payload)))
            let peer: SocketRole = role == .client ? .server : .client
            for cut in [1, 2, 3, 4, 9, 10, 13, 14, 15, 4_099] where cut < frame.readableBytes {
                var run = MachineRun(peer)
                run.receive(Array(frame.readableBytesView.prefix(cut)))
                run.receive(Array(frame.readableBytesView.dropFirst(cut)))
                #expect(run.events == [.message(.binary(payload))])
            }
        }
    }

    @Test("ten thousand random frames end with a close code or a valid reading, and never badly")
    func noise() {
        var random = RepeatableRandom(seed: 6455)
        var endings = 0
        var messages = 0
        for _ in 0..<10_000 {
            var run = MachineRun()
            for _ in 0..<4 {
                run.receive(RawFrame.noise(using: &random))
                guard run.machine.isOpen else { break }
            }
            messages += run.events.count { if case .message = $0 { true } else { false } }
            let closed = run.events.filter { if case .closed = $0 { true } else { false } }
            #expect(closed.count == (run.machine.isOpen ? 0 : 1))
            guard case .closed(let ending)? = closed.first else { continue }
            endings += 1
            #expect(run.events.last == .closed(ending))
            if case .failed(let fault) = ending { #expect(fault.code.isSendable) }
            let understood = run.understood()
            guard case .closed(.closedByPeer)? = understood.last else {
                Issue.record("no Close after \(ending): \(understood)")
                return
            }
        }
        // The noise is of the right kind: some of it is in order, some is not.
        #expect(endings > 1_000)
        #expect(messages > 1_000)
    }
}
