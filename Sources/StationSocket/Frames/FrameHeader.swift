import NIOCore

/// What stands before a frame's payload (RFC 6455, 5.2), checked for all that can be wrong with it by itself.
struct FrameHeader: Sendable {
    let isFinal: Bool
    let opcode: SocketOpcode
    let mask: FrameMask?
    /// Of the payload, in bytes.
    let length: Int

    /// Takes a header out of the buffer.
    ///
    /// - Returns: nil when it is not there as a whole; then the buffer stays as it is.
    static func take(
        from buffer: inout ByteBuffer, sentBy sender: SocketRole
    ) throws(SocketFault) -> FrameHeader? {
        // A copy shares the bytes; only its reader moves.
        var rest = buffer
        guard let first: UInt8 = rest.readInteger() else { return nil }
        guard first & 0x70 == 0 else { throw .reservedBits }
        guard let opcode = SocketOpcode(rawValue: first & 0x0F) else { throw .reservedOpcode(first & 0x0F) }
        let isFinal = first & 0x80 != 0
        guard isFinal || !opcode.isControl else { throw .fragmentedControl }
        guard let second: UInt8 = rest.readInteger() else { return nil }
        let isMasked = second & 0x80 != 0
        guard isMasked == (sender == .client) else { throw isMasked ? .masked : .unmasked }
        guard !opcode.isControl || second & 0x7F <= 125 else { throw .longControl }
        guard let length = try self.takeLength(short: second & 0x7F, from: &rest) else { return nil }
        var mask: FrameMask?
        if isMasked {
            guard let key: UInt32 = rest.readInteger(endianness: .little) else { return nil }
            mask = FrameMask(key: key)
        }
        buffer = rest
        return FrameHeader(isFinal: isFinal, opcode: opcode, mask: mask, length: length)
    }

    private static func takeLength(short: UInt8, from buffer: inout ByteBuffer) throws(SocketFault) -> Int? {
        switch short {
        case 126:
            guard let length: UInt16 = buffer.readInteger() else { return nil }
            guard length > 125 else { throw .paddedLength }
            return Int(length)
        case 127:
            guard let length: UInt64 = buffer.readInteger() else { return nil }
            guard length > UInt64(UInt16.max) else { throw .paddedLength }
            guard let length = Int(exactly: length) else { throw .impossibleLength }
            return length
        default:
            return Int(short)
        }
    }
}
