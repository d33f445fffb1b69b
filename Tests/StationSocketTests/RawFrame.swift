import NIOCore

/// A frame with any fault that a test wants.
struct RawFrame {
    var opcode: UInt8
    var payload: [UInt8] = []
    var isFinal = true
    var reserved: UInt8 = 0
    var key: [UInt8]?
    /// How the length is written: 0 is as short as possible, else 2 or 8 bytes.
    var lengthSize = 0
    /// Said instead of the true length.
    var length: UInt64?

    var bytes: [UInt8] {
        let length = self.length ?? UInt64(self.payload.count)
        let size = self.lengthSize > 0 ? self.lengthSize : length <= 125 ? 0 : length <= 65_535 ? 2 : 8
        let maskBit: UInt8 = self.key == nil ? 0 : 0x80
        var bytes: [UInt8] = [(self.isFinal ? 0x80 : 0) | self.reserved << 4 | self.opcode]
        switch size {
        case 0: bytes.append(maskBit | UInt8(length))
        case 2: bytes += [maskBit | 126] + (0..<2).reversed().map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }
        default: bytes += [maskBit | 127] + (0..<8).reversed().map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }
        }
        guard let key else { return bytes + self.payload }
        return bytes + key + self.payload.enumerated().map { $1 ^ key[$0 % 4] }
    }
}

extension RawFrame {
    static func client(_ opcode: UInt8, _ payload: [UInt8] = [], isFinal: Bool = true) -> RawFrame {
        RawFrame(opcode: opcode, payload: payload, isFinal: isFinal, key: [0x37, 0xFA, 0x21, 0x3D])
    }

    static func text(_ text: String, isFinal: Bool = true) -> RawFrame {
        .client(1, Array(text.utf8), isFinal: isFinal)
    }

    static func more(_ text: String, isFinal: Bool = true) -> RawFrame {
        .client(0, Array(text.utf8), isFinal: isFinal)
    }

    static func close(_ code: UInt16, _ reason: [UInt8] = []) -> RawFrame {
        .client(8, [UInt8(code >> 8), UInt8(code & 0xFF)] + reason)
    }
}
