/// Writes the few things of protobuf (proto3) that protocomm needs: numbers and bytes.
struct ProtobufWriter: Sendable {
    private(set) var bytes: [UInt8] = []

    /// A number; zero is the default and not written.
    mutating func put(_ field: Int, _ number: UInt64) {
        guard number != 0 else { return }
        self.putVarint(UInt64(field) << 3)
        self.putVarint(number)
    }

    /// Bytes or a message; written even when they are empty, for that a message is there says something.
    mutating func put(_ field: Int, _ bytes: [UInt8]) {
        self.putVarint(UInt64(field) << 3 | 2)
        self.putVarint(UInt64(bytes.count))
        self.bytes.append(contentsOf: bytes)
    }

    private mutating func putVarint(_ number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            self.bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        self.bytes.append(UInt8(rest))
    }

    /// A message with what `body` puts into it.
    static func message(_ body: (inout ProtobufWriter) -> Void) -> [UInt8] {
        var writer = ProtobufWriter()
        body(&writer)
        return writer.bytes
    }
}
