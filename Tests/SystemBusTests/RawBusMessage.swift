/// A message byte by byte, as a bus would send it and as none would (D-Bus specification, Message Format).
struct RawBusMessage {
    enum Kind: UInt8 {
        case reply = 2
        case signal = 4
        case unknown = 9
    }

    var kind: Kind
    var fields: [(code: UInt8, type: Character, text: [UInt8])] = []
    var replySerial: UInt32?
    var body: [UInt8] = []
    /// What the header says of the body's size; nil: the truth.
    var claimedSize: UInt32?

    static func signal(_ signature: String, _ body: [UInt8]) -> RawBusMessage {
        RawBusMessage(
            kind: .signal,
            fields: [
                (1, "o", Array("/a".utf8)), (2, "s", Array("a.b".utf8)), (3, "s", Array("C".utf8)),
                (7, "s", Array(":1.9".utf8)), (8, "g", Array(signature.utf8)),
            ], body: body)
    }

    static func reply(to serial: UInt32, _ text: String) -> RawBusMessage {
        RawBusMessage(
            kind: .reply,
            fields: [(7, "s", Array("org.freedesktop.DBus".utf8)), (8, "g", Array("s".utf8))], replySerial: serial,
            body: Self.string(Array(text.utf8)))
    }

    /// As a string stands in a body.
    static func string(_ text: [UInt8]) -> [UInt8] {
        Self.number(UInt32(text.count)) + text + [0]
    }

    static func number(_ value: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    var bytes: [UInt8] {
        var fields: [UInt8] = []
        for field in self.fields {
            Self.pad(&fields, to: 8)
            fields += [field.code, 1] + Array(String(field.type).utf8) + [0]
            if field.type == "g" {
                fields += [UInt8(field.text.count)] + field.text + [0]
            } else {
                Self.pad(&fields, to: 4)
                fields += Self.string(field.text)
            }
        }
        if let replySerial {
            Self.pad(&fields, to: 8)
            fields += [5, 1] + Array("u".utf8) + [0] + Self.number(replySerial)
        }
        var message: [UInt8] = [UInt8(ascii: "l"), self.kind.rawValue, 1, 1]
        message += Self.number(self.claimedSize ?? UInt32(self.body.count)) + Self.number(1)
        message += Self.number(UInt32(fields.count)) + fields
        Self.pad(&message, to: 8)
        return message + self.body
    }

    private static func pad(_ bytes: inout [UInt8], to alignment: Int) {
        while !bytes.count.isMultiple(of: alignment) { bytes.append(0) }
    }
}
