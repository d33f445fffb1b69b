import NIOCore
import StationCore
import StationSocket
import StationTestSupport
import Testing

@Suite("What RFC 6455 forbids")
struct FaultTests {
    struct Fault: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let frames: [[UInt8]]
        let fault: SocketFault
        let code: UInt16

        init(_ name: String, _ frames: RawFrame..., fault: SocketFault, code: UInt16) {
            self.testDescription = name
            self.frames = frames.map(\.bytes)
            self.fault = fault
            self.code = code
        }
    }

    private static let key: [UInt8] = [1, 2, 3, 4]

    static let faults: [Fault] = [
        Fault("RSV1", RawFrame(opcode: 1, reserved: 4, key: key), fault: .reservedBits, code: 1002),
        Fault("RSV2", RawFrame(opcode: 2, reserved: 2, key: key), fault: .reservedBits, code: 1002),
        Fault("RSV3 of a ping", RawFrame(opcode: 9, reserved: 1, key: key), fault: .reservedBits, code: 1002),
        Fault("no mask", RawFrame(opcode: 1, payload: [65]), fault: .unmasked, code: 1002),
        Fault("no mask on a pong", RawFrame(opcode: 10), fault: .unmasked, code: 1002),
        Fault("a ping in fragments", .client(9, isFinal: false), fault: .fragmentedControl, code: 1002),
        Fault("a Close in fragments", .client(8, isFinal: false), fault: .fragmentedControl, code: 1002),
        Fault("a ping of 126 bytes", .client(9, Array(repeating: 0, count: 126)), fault: .longControl, code: 1002),
        Fault(
            "a Close with a 64-bit length", RawFrame(opcode: 8, key: key, lengthSize: 8), fault: .longControl,
            code: 1002
        ),
        Fault(
            "125 in 16 bits",
            RawFrame(opcode: 2, payload: Array(repeating: 0, count: 125), key: key, lengthSize: 2),
            fault: .paddedLength, code: 1002
        ),
        Fault(
            "65 535 in 64 bits", RawFrame(opcode: 2, key: key, lengthSize: 8, length: 65_535), fault: .paddedLength,
            code: 1002
        ),
        Fault("64 bits", RawFrame(opcode: 2, key: key, length: 1 << 63), fault: .impossibleLength, code: 1002),
        Fault("all 64 bits", RawFrame(opcode: 2, key: key, length: .max), fault: .impossibleLength, code: 1002),
        Fault("a continuation of nothing", .more("a"), fault: .strayContinuation, code: 1002),
        Fault("a last continuation twice", .text("a"), .more("b"), fault: .strayContinuation, code: 1002),
        Fault("text in text", .text("a", isFinal: false), .text("b"), fault: .unfinishedMessage, code: 1002),
        Fault("binary in text", .text("a", isFinal: false), .client(2), fault: .unfinishedMessage, code: 1002),
        Fault("a Close of one byte", .client(8, [3]), fault: .shortClosePayload, code: 1002),
        Fault("bad UTF-8", .client(1, [0x61, 0xFF]), fault: .invalidText, code: 1007),
        Fault("a surrogate", .client(1, [0xED, 0xA0, 0x80]), fault: .invalidText, code: 1007),
        Fault("an over-long form", .client(1, [0xC0, 0xAF]), fault: .invalidText, code: 1007),
        Fault("beyond Unicode", .client(1, [0xF4, 0x90, 0x80, 0x80]), fault: .invalidText, code: 1007),
        Fault("half a character", .client(1, [0xE2, 0x82]), fault: .invalidText, code: 1007),
        Fault(
            "half a character over two fragments", .client(1, [0xE2], isFinal: false), .client(0, [0x82]),
            fault: .invalidText, code: 1007
        ),
        Fault("a reason that is no text", .close(1000, [0xCE]), fault: .invalidCloseReason, code: 1007),
    ]

    @Test("fails the connection with its close code, says why, and nothing else comes out", arguments: faults)
    func fault(_ fault: Fault) throws {
        var run = MachineRun()
        run.receive(fault.frames.flatMap { $0 })
        #expect(run.events.last == .closed(.failed(fault.fault)))
        #expect(fault.fault.code.rawValue == fault.code)
        #expect(
            run.understood()
                == [.closed(.closedByPeer(fault.fault.code, reason: fault.fault.description))]
        )
        #expect(!run.machine.isFinished)
    }

    @Test("reserved opcodes are refused, all of them", arguments: [3, 4, 5, 6, 7, 11, 12, 13, 14, 15] as [UInt8])
    func reservedOpcode(_ opcode: UInt8) {
        var run = MachineRun()
        run.receive(.client(opcode, [1]))
        #expect(run.events == [.closed(.failed(.reservedOpcode(opcode)))])
    }

    @Test("a server's frames must not be masked")
    func maskedServer() {
        var run = MachineRun(.client)
        run.receive(.text("a"))
        #expect(run.events == [.closed(.failed(.masked))])
        #expect(run.understood() == [.closed(.closedByPeer(.protocolError, reason: SocketFault.masked.description))])
    }

    @Test("of all close codes those may come that the registry lets through")
    func closeCodes() {
        for code in Array(0...5_100) + [9_999, 32_768, UInt16.max] {
            var run = MachineRun()
            run.receive(.close(code))
            let isAllowed =
                (1000...1003).contains(code) || (1007...1014).contains(code) || (3000...4999).contains(code)
            let ending: SocketEnding =
                isAllowed
                ? .closedByPeer(SocketCloseCode(rawValue: code), reason: "") : .failed(.closeCode(code))
            guard run.events == [.closed(ending)] else {
                Issue.record("\(code): \(run.events)")
                return
            }
        }
    }

    @Test("bad text is found at its first bad byte, long before its frame is complete")
    func failsFast() {
        var run = MachineRun()
        let frame = RawFrame.client(1, [0x61, 0xFF] + Array(repeating: 0x61, count: 10_000)).bytes
        run.receive(Array(frame.prefix(9)))
        #expect(run.events.isEmpty)
        run.receive([frame[9]])
        #expect(run.events == [.closed(.failed(.invalidText))])
    }

    @Test("what is too big is refused by its header, before any of it is read")
    func tooBig() {
        let limits = SocketLimits(frameSize: 1_000, messageSize: 1_500, fragments: 3)
        var run = MachineRun(limits: limits)
        run.receive(Array(RawFrame.client(2, Array(repeating: 0, count: 1_001)).bytes.prefix(8)))
        #expect(run.events == [.closed(.failed(.frameTooBig(size: 1_001, limit: 1_000)))])
        #expect(SocketFault.frameTooBig(size: 1_001, limit: 1_000).code == .tooBig)

        run = MachineRun(limits: limits)
        run.receive(.client(2, Array(repeating: 0, count: 1_000), isFinal: false))
        run.receive(Array(RawFrame.client(0, Array(repeating: 0, count: 501)).bytes.prefix(8)))
        #expect(run.events == [.closed(.failed(.messageTooBig(limit: 1_500)))])
    }

    @Test("exactly as much as is allowed is taken")
    func justRight() {
        let limits = SocketLimits(frameSize: 1_000, messageSize: 1_500, fragments: 3)
        var run = MachineRun(limits: limits)
        let payload = (0..<1_500).map { UInt8(truncatingIfNeeded: $0) }
        run.receive(
            .client(2, Array(payload[..<1_000]), isFinal: false), .client(0, isFinal: false),
            .client(0, Array(payload[1_000...]))
        )
        #expect(run.events == [.message(.binary(ByteBuffer(bytes: payload)))])
    }

    @Test("a message in too many fragments is refused, empty ones included")
    func fragments() {
        var run = MachineRun(limits: SocketLimits(fragments: 3))
        run.receive(.client(1, isFinal: false), .client(0, isFinal: false), .client(0, isFinal: false))
        #expect(run.events.isEmpty)
        run.receive(.client(0, isFinal: true))
        #expect(run.events == [.closed(.failed(.tooManyFragments(limit: 3)))])
    }

    @Test("a flood of pings is ended, the same number over a longer time is not")
    func flood() {
        let limits = SocketLimits(controlFrames: TokenBucket.Limit(perSecond: 10, burst: 20))
        var slow = MachineRun(limits: limits)
        for _ in 0..<100 {
            slow.now = slow.now.advanced(by: .milliseconds(100))
            slow.receive(.client(9))
        }
        #expect(slow.machine.isOpen)
        var fast = MachineRun(limits: limits)
        for number in 1...21 { fast.receive(.client(number % 2 == 0 ? 9 : 10)) }
        #expect(fast.events.last == .closed(.failed(.tooManyControlFrames)))
        #expect(fast.events.count == 21)
        #expect(SocketFault.tooManyControlFrames.code == .policyViolation)
    }
}
