/// The mask over a client's payload (RFC 6455, 5.3): it hides nothing, but keeps a browser's page from writing bytes of
/// its choice through a proxy.
struct FrameMask: Sendable, Hashable {
    /// The key's octets in their order, the first one lowest.
    let key: UInt32

    /// A key that the page or program above cannot foresee.
    static func random() -> FrameMask {
        FrameMask(key: .random(in: 0...UInt32.max))
    }

    /// Masks, or takes the mask away.
    ///
    /// - Parameter offset: How many bytes of the payload come before these.
    func apply(to bytes: UnsafeMutableRawBufferPointer, offset: Int) {
        let turn = UInt32(offset & 3) * 8
        let turned = turn == 0 ? self.key : self.key >> turn | self.key << (32 - turn)
        let word = (UInt64(turned) << 32 | UInt64(turned)).littleEndian
        var index = 0
        while index + 8 <= bytes.count {
            let masked = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            bytes.storeBytes(of: masked ^ word, toByteOffset: index, as: UInt64.self)
            index += 8
        }
        while index < bytes.count {
            bytes[index] ^= UInt8(truncatingIfNeeded: turned >> (UInt32(index & 3) * 8))
            index += 1
        }
    }
}
