import Crypto
import CryptoExtras
import FoundationEssentials

/// AES-256-CTR as one endless stream: both directions of a session take their bytes from it, one after the other
/// (esp-idf, `security1.c`).
struct CounterStream: Sendable {
    private static let blockLength = 16

    private let key: SymmetricKey
    private let start: [UInt8]
    private var position = 0

    /// `nil` unless the counter starts with 16 bytes and the key has 32.
    init?(key: [UInt8], counter: [UInt8]) {
        guard key.count == 32, counter.count == Self.blockLength else { return nil }
        self.key = SymmetricKey(data: key)
        self.start = counter
    }

    /// Encrypts or decrypts, which is the same, and moves on.
    mutating func apply(to bytes: [UInt8]) throws -> [UInt8] {
        let skipped = self.position % Self.blockLength
        let nonce = try AES._CTR.Nonce(nonceBytes: self.counter(of: self.position / Self.blockLength))
        let padded = [UInt8](repeating: 0, count: skipped) + bytes
        let result = try AES._CTR.encrypt(padded, using: self.key, nonce: nonce)
        self.position += bytes.count
        return Array(result.dropFirst(skipped))
    }

    /// The start plus a number of blocks, in 128 bits that begin anew.
    private func counter(of block: Int) -> [UInt8] {
        var counter = self.start
        var carry = block
        for index in counter.indices.reversed() {
            carry += Int(counter[index])
            counter[index] = UInt8(truncatingIfNeeded: carry)
            carry >>= 8
        }
        return counter
    }
}
