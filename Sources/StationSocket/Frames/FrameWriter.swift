import NIOCore

/// Makes the bytes of whole, unfragmented frames.
struct FrameWriter: Sendable {
    /// What a control frame may carry, in bytes.
    static let controlSize = 125

    let role: SocketRole

    func message(_ message: SocketMessage) -> ByteBuffer {
        switch message {
        case .text(let text): self.frame(.text, size: text.utf8.count) { $0.writeString(text) }
        case .binary(let bytes): self.frame(.binary, bytes)
        }
    }

    func ping(_ payload: ByteBuffer) -> ByteBuffer {
        self.frame(.ping, payload)
    }

    func pong(_ payload: ByteBuffer) -> ByteBuffer {
        self.frame(.pong, payload)
    }

    /// A Close frame; without payload for `.noStatus`. The reason is cut where it does not fit.
    func close(_ code: SocketCloseCode, reason: String) -> ByteBuffer {
        guard code != .noStatus else { return self.frame(.close, ByteBuffer()) }
        var payload = ByteBuffer(integer: code.rawValue)
        for character in reason.unicodeScalars {
            guard payload.readableBytes + UTF8.width(character) <= Self.controlSize else { break }
            payload.writeString(String(character))
        }
        return self.frame(.close, payload)
    }

    private func frame(_ opcode: SocketOpcode, _ payload: ByteBuffer) -> ByteBuffer {
        self.frame(opcode, size: payload.readableBytes) { $0.writeImmutableBuffer(payload) }
    }

    private func frame(_ opcode: SocketOpcode, size: Int, _ write: (inout ByteBuffer) -> Int) -> ByteBuffer {
        var frame = ByteBuffer()
        frame.reserveCapacity(size + 14)
        frame.writeInteger(0x80 | opcode.rawValue)
        let maskBit: UInt8 = self.role == .client ? 0x80 : 0
        switch size {
        case ...125:
            frame.writeInteger(maskBit | UInt8(size))
        case ...Int(UInt16.max):
            frame.writeInteger(maskBit | 126)
            frame.writeInteger(UInt16(size))
        default:
            frame.writeInteger(maskBit | 127)
            frame.writeInteger(UInt64(size))
        }
        guard self.role == .client else {
            _ = write(&frame)
            return frame
        }
        let mask = FrameMask.random()
        frame.writeInteger(mask.key, endianness: .little)
        let start = frame.readableBytes
        _ = write(&frame)
        frame.withUnsafeMutableReadableBytes { bytes in
            mask.apply(to: UnsafeMutableRawBufferPointer(rebasing: bytes[start...]), offset: 0)
        }
        return frame
    }
}
