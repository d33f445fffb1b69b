import NIOCore
import StationCore
import StationSocket
import StationTestSupport
import Testing

@Suite("Text and its UTF-8")
struct TextTests {
    private struct Sequence {
        let bytes: [UInt8]
        let isValid: Bool
    }

    private static func sequences() throws -> [Sequence] {
        let file = try #require(VectorFiles.webSocket).file("utf8_sequences.json")
        let json = try JSONValue.parse(file.bytes)
        return try #require(json["sequences"]?.arrayValue).map { entry in
            let hex = Array(try #require(entry["hex"]?.stringValue).utf8)
            let bytes = try stride(from: 0, to: hex.count, by: 2).map { index in
                try #require(UInt8(String(decoding: hex[index..<index + 2], as: UTF8.self), radix: 16))
            }
            return Sequence(bytes: bytes, isValid: try #require(entry["valid"]?.boolValue as Bool?))
        }
    }

    private static func expected(_ sequence: Sequence) -> [SocketEvent] {
        sequence.isValid
            ? [.message(.text(String(decoding: sequence.bytes, as: UTF8.self)))] : [.closed(.failed(.invalidText))]
    }

    @Test(
        "Autobahn's sequences are judged right, whole, byte by byte, and cut into two and into all fragments",
        .enabled(if: VectorFiles.webSocket != nil, "the UTF-8 vectors are not here")
    )
    func vectors() throws {
        let sequences = try Self.sequences()
        #expect(sequences.count > 100)
        for sequence in sequences {
            let expected = Self.expected(sequence)
            var whole = MachineRun()
            whole.receive(.client(1, sequence.bytes))
            #expect(whole.events == expected, "\(sequence.bytes)")

            var drop = MachineRun()
            for byte in RawFrame.client(1, sequence.bytes).bytes { drop.receive([byte]) }
            #expect(drop.events == expected, "\(sequence.bytes) byte by byte")

            for cut in 0...sequence.bytes.count {
                var halves = MachineRun()
                halves.receive(
                    .client(1, Array(sequence.bytes[..<cut]), isFinal: false),
                    .client(0, Array(sequence.bytes[cut...]))
                )
                #expect(halves.events == expected, "\(sequence.bytes) cut at \(cut)")
            }

            var fragments = MachineRun()
            fragments.receive(.client(1, isFinal: false))
            for byte in sequence.bytes { fragments.receive(.client(0, [byte], isFinal: false)) }
            fragments.receive(.client(0))
            #expect(fragments.events == expected, "\(sequence.bytes) in fragments")
        }
    }

    @Test("each sequence of one to four bytes is judged as the standard library judges it")
    func allLeads() {
        let tails: [UInt8] = [0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xE0, 0xFF]
        for first in UInt8.min...UInt8.max {
            for second in tails {
                for third in tails {
                    let bytes = [first, second, third, 0x80]
                    var run = MachineRun()
                    run.receive(.client(1, bytes))
                    let isValid = String(validating: bytes, as: UTF8.self) != nil
                    guard (run.events == [.closed(.failed(.invalidText))]) == !isValid else {
                        Issue.record("\(bytes): \(run.events)")
                        return
                    }
                }
            }
        }
    }

    @Test("bad bytes are found at every place of a long text, also behind runs of ASCII", arguments: 0..<40)
    func everyPlace(_ place: Int) {
        var bytes = Array(repeating: UInt8(ascii: "a"), count: 40)
        bytes[place] = 0x80
        var run = MachineRun()
        run.receive(.client(1, bytes))
        #expect(run.events == [.closed(.failed(.invalidText))])
    }
}
