/// The fields of a protobuf message, as they were received.
struct ProtobufMessage: Sendable, Hashable {
    /// What is no protobuf, or uses a part of it that nobody sends any more (groups).
    struct Malformed: Error, Sendable, Hashable {}

    private enum Value: Sendable, Hashable {
        case number(UInt64)
        case bytes([UInt8])
    }

    private struct Field: Sendable, Hashable {
        let number: UInt64
        let value: Value
    }

    private var fields: [Field] = []

    init(_ bytes: [UInt8]) throws(Malformed) {
        var position = 0
        while position < bytes.count {
            let key = try Self.varint(bytes, &position)
            let value: Value
            switch key & 7 {
            case 0: value = .number(try Self.varint(bytes, &position))
            case 1: value = .bytes(try Self.take(8, bytes, &position))
            case 2: value = .bytes(try Self.take(Self.varint(bytes, &position), bytes, &position))
            case 5: value = .bytes(try Self.take(4, bytes, &position))
            default: throw Malformed()
            }
            guard key >> 3 != 0 else { throw Malformed() }
            self.fields.append(Field(number: key >> 3, value: value))
        }
    }

    /// A number; zero where there is none, as proto3 has it.
    func number(_ field: UInt64) -> UInt64 {
        self.optionalNumber(field) ?? 0
    }

    /// A number of a `oneof`, where that it is there says something.
    func optionalNumber(_ field: UInt64) -> UInt64? {
        for candidate in self.fields.reversed() where candidate.number == field {
            if case .number(let number) = candidate.value { return number }
        }
        return nil
    }

    /// Bytes; the last ones win, as protobuf has it.
    func bytes(_ field: UInt64) -> [UInt8]? {
        self.all(field).last
    }

    /// All bytes of a repeated field.
    func all(_ field: UInt64) -> [[UInt8]] {
        self.fields.compactMap { candidate in
            guard candidate.number == field, case .bytes(let bytes) = candidate.value else { return nil }
            return bytes
        }
    }

    /// A message within this one; an absent one reads as empty.
    func message(_ field: UInt64) throws(Malformed) -> ProtobufMessage {
        try ProtobufMessage(self.bytes(field) ?? [])
    }

    private static func varint(_ bytes: [UInt8], _ position: inout Int) throws(Malformed) -> UInt64 {
        var number: UInt64 = 0
        for shift in stride(from: 0, to: 70, by: 7) {
            guard position < bytes.count else { throw Malformed() }
            let byte = bytes[position]
            position += 1
            number |= UInt64(byte & 0x7F) << UInt64(shift)
            if byte < 0x80 { return number }
        }
        throw Malformed()
    }

    private static func take(
        _ count: UInt64, _ bytes: [UInt8], _ position: inout Int
    ) throws(Malformed) -> [UInt8] {
        guard count <= UInt64(bytes.count - position) else { throw Malformed() }
        let start = position
        position += Int(count)
        return Array(bytes[start..<position])
    }
}
