import NIOCore

/// Puts the fragments of a message together: their order, the limits, and UTF-8 byte by byte as it comes.
struct MessageAssembly: Sendable {
    private let limits: SocketLimits
    /// The opcode of the first fragment, while a message is under way.
    private var opcode: SocketOpcode?
    private var bytes = ByteBuffer()
    private var fragments = 0
    private var text = UTF8Scanner()

    init(limits: SocketLimits) {
        self.limits = limits
    }

    /// A data frame begins; nothing of its payload is read yet.
    mutating func begin(_ header: FrameHeader) throws(SocketFault) {
        if header.opcode == .continuation {
            guard self.opcode != nil else { throw .strayContinuation }
        } else {
            guard self.opcode == nil else { throw .unfinishedMessage }
            self.opcode = header.opcode
        }
        guard header.length <= self.limits.frameSize else {
            throw .frameTooBig(size: header.length, limit: self.limits.frameSize)
        }
        guard header.length <= self.limits.messageSize - self.bytes.readableBytes else {
            throw .messageTooBig(limit: self.limits.messageSize)
        }
        self.fragments += 1
        guard self.fragments <= self.limits.fragments else {
            throw .tooManyFragments(limit: self.limits.fragments)
        }
    }

    /// A piece of the frame's payload.
    ///
    /// - Parameter offset: How many bytes of the frame's payload come before it.
    mutating func append(_ piece: ByteBuffer, mask: FrameMask?, offset: Int) throws(SocketFault) {
        let start = self.bytes.readableBytes
        self.bytes.writeImmutableBuffer(piece)
        if let mask {
            self.bytes.withUnsafeMutableReadableBytes { bytes in
                mask.apply(to: UnsafeMutableRawBufferPointer(rebasing: bytes[start...]), offset: offset)
            }
        }
        guard self.opcode == .text else { return }
        let isText = self.bytes.withUnsafeReadableBytes { bytes in
            self.text.accept(UnsafeRawBufferPointer(rebasing: bytes[start...]))
        }
        guard isText else { throw .invalidText }
    }

    /// The last frame of the message is complete.
    mutating func finish() throws(SocketFault) -> SocketMessage {
        guard self.text.isComplete else { throw .invalidText }
        defer { self = MessageAssembly(limits: self.limits) }
        return self.opcode == .text ? .text(String(buffer: self.bytes)) : .binary(self.bytes)
    }
}
