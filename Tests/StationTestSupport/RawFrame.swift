/// A WebSocket frame with any fault that a test wants.
public struct RawFrame: Sendable {
    public var opcode: UInt8
    public var payload: [UInt8] = []
    public var isFinal = true
    /// The three bits that RFC 6455 keeps for extensions.
    public var reserved: UInt8 = 0
    /// The mask; `nil`: unmasked, as only servers send.
    public var key: [UInt8]?
    /// How the length is written: 0 is as short as possible, else 2 or 8 bytes.
    public var lengthSize = 0
    /// Said instead of the true length.
    public var length: UInt64?

    public init(
        opcode: UInt8, payload: [UInt8] = [], isFinal: Bool = true, reserved: UInt8 = 0, key: [UInt8]? = nil,
        lengthSize: Int = 0, length: UInt64? = nil
    ) {
        self.opcode = opcode
        self.payload = payload
        self.isFinal = isFinal
        self.reserved = reserved
        self.key = key
        self.lengthSize = lengthSize
        self.length = length
    }

    /// As it goes over the wire.
    public var bytes: [UInt8] {
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
    public static func client(_ opcode: UInt8, _ payload: [UInt8] = [], isFinal: Bool = true) -> RawFrame {
        RawFrame(opcode: opcode, payload: payload, isFinal: isFinal, key: [0x37, 0xFA, 0x21, 0x3D])
    }

    public static func text(_ text: String, isFinal: Bool = true) -> RawFrame {
        .client(1, Array(text.utf8), isFinal: isFinal)
    }

    public static func more(_ text: String, isFinal: Bool = true) -> RawFrame {
        .client(0, Array(text.utf8), isFinal: isFinal)
    }

    public static func close(_ code: UInt16, _ reason: [UInt8] = []) -> RawFrame {
        .client(8, [UInt8(code >> 8), UInt8(code & 0xFF)] + reason)
    }

    /// Any bytes, or a frame with one thing or another that may be wrong.
    public static func noise(using random: inout RepeatableRandom) -> [UInt8] {
        if Int.random(in: 0..<10, using: &random) == 0 {
            return (0..<Int.random(in: 0..<40, using: &random)).map { _ in .random(in: 0...255, using: &random) }
        }
        let isOdd = { (random: inout RepeatableRandom) in Int.random(in: 0..<20, using: &random) == 0 }
        let size = Int.random(in: 0..<140, using: &random)
        var frame = RawFrame.client([0, 1, 1, 2, 8, 9, 10].randomElement(using: &random) ?? 1)
        frame.payload = (0..<size).map { _ in .random(in: 0...(isOdd(&random) ? 255 : 127), using: &random) }
        frame.isFinal = !isOdd(&random)
        if isOdd(&random) { frame.opcode = .random(in: 0...15, using: &random) }
        if isOdd(&random) { frame.reserved = .random(in: 0...7, using: &random) }
        if isOdd(&random) { frame.key = nil }
        if isOdd(&random) { frame.lengthSize = [2, 8].randomElement(using: &random) ?? 0 }
        if isOdd(&random) { frame.length = .random(in: 0...UInt64.max, using: &random) }
        return frame.bytes
    }
}
