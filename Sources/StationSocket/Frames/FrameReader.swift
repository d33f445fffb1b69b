import NIOCore

/// Makes frames and messages of bytes, however they are cut into pieces. After a fault it must not be asked again.
struct FrameReader: Sendable {
    /// What a whole frame amounted to.
    enum Result: Sendable {
        case message(SocketMessage)
        /// A message goes on.
        case fragment
        case ping(ByteBuffer)
        case pong(ByteBuffer)
        case close(SocketCloseCode, reason: String)
    }

    private let sender: SocketRole
    private var buffer = ByteBuffer()
    /// The frame under way, and how much of its payload has gone into the message.
    private var frame: (header: FrameHeader, taken: Int)?
    private var message: MessageAssembly

    /// - Parameter sender: Whose frames these are.
    init(framesOf sender: SocketRole, limits: SocketLimits) {
        self.sender = sender
        self.message = MessageAssembly(limits: limits)
    }

    mutating func append(_ bytes: ByteBuffer) {
        if self.buffer.readableBytes == 0 {
            self.buffer = bytes
        } else {
            self.buffer.discardReadBytes()
            self.buffer.writeImmutableBuffer(bytes)
        }
    }

    /// The next frame; nil when more bytes are needed.
    mutating func next() throws(SocketFault) -> Result? {
        if self.frame == nil {
            guard let header = try FrameHeader.take(from: &self.buffer, sentBy: self.sender) else { return nil }
            if !header.opcode.isControl { try self.message.begin(header) }
            self.frame = (header, taken: 0)
        }
        guard let frame else { return nil }
        return frame.header.opcode.isControl
            ? try self.control(frame.header) : try self.data(frame.header, taken: frame.taken)
    }

    /// Data goes into the message as it comes, so that bad text is found before its frame is complete.
    private mutating func data(_ header: FrameHeader, taken: Int) throws(SocketFault) -> Result? {
        let size = min(header.length - taken, self.buffer.readableBytes)
        if size > 0, let piece = self.buffer.readSlice(length: size) {
            try self.message.append(piece, mask: header.mask, offset: taken)
        }
        guard taken + size == header.length else {
            self.frame?.taken = taken + size
            return nil
        }
        self.frame = nil
        return header.isFinal ? .message(try self.message.finish()) : .fragment
    }

    private mutating func control(_ header: FrameHeader) throws(SocketFault) -> Result? {
        guard var payload = self.buffer.readSlice(length: header.length) else { return nil }
        self.frame = nil
        if let mask = header.mask {
            payload.withUnsafeMutableReadableBytes { mask.apply(to: $0, offset: 0) }
        }
        switch header.opcode {
        case .ping: return .ping(payload)
        case .pong: return .pong(payload)
        default: return try self.close(&payload)
        }
    }

    private func close(_ payload: inout ByteBuffer) throws(SocketFault) -> Result {
        guard payload.readableBytes > 0 else { return .close(.noStatus, reason: "") }
        guard let number: UInt16 = payload.readInteger() else { throw .shortClosePayload }
        let code = SocketCloseCode(rawValue: number)
        guard code.isSendable else { throw .closeCode(number) }
        var text = UTF8Scanner()
        guard payload.withUnsafeReadableBytes({ text.accept($0) }), text.isComplete else { throw .invalidCloseReason }
        return .close(code, reason: String(buffer: payload))
    }
}
