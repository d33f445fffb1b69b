import Testing

@testable import BLEProvision

@Suite("The protobuf of protocomm")
struct ProtobufTests {
    @Test("Numbers and bytes are written as protobuf's own encoding says")
    func writes() {
        let bytes = ProtobufWriter.message { writer in
            writer.put(1, 150)
            writer.put(3, 0)
            writer.put(2, Array("testing".utf8))
            writer.put(20, [UInt8]())
        }
        // The examples of protobuf.dev/programming-guides/encoding.
        #expect(bytes == [0x08, 0x96, 0x01, 0x12, 0x07] + Array("testing".utf8) + [0xA2, 0x01, 0x00])
    }

    @Test("What was written is read back, and absent fields are zero or nothing")
    func reads() throws {
        let bytes = ProtobufWriter.message { writer in
            writer.put(1, .max)
            writer.put(15, [1, 2, 3])
            writer.put(15, [4])
        }
        let message = try ProtobufMessage(bytes)
        #expect(message.number(1) == .max && message.number(2) == 0 && message.optionalNumber(2) == nil)
        #expect(message.bytes(15) == [4] && message.all(15) == [[1, 2, 3], [4]] && message.bytes(16) == nil)
    }

    @Test("Fixed widths are passed over")
    func fixed() throws {
        let message = try ProtobufMessage([0x09, 1, 2, 3, 4, 5, 6, 7, 8, 0x15, 1, 2, 3, 4, 0x18, 7])
        #expect(message.number(3) == 7)
    }

    @Test(
        "What is no protobuf is refused",
        arguments: [
            [0x08], [0x12, 0x05, 0x01], [0x0B], [0x00, 0x01], [0x80],
            [0x12, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], [UInt8](repeating: 0xFF, count: 20),
            [0x09, 1, 2, 3],
        ])
    func malformed(_ bytes: [UInt8]) {
        #expect(throws: ProtobufMessage.Malformed.self) { try ProtobufMessage(bytes) }
    }
}
