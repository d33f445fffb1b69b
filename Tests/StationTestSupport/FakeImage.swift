public import StationCore

/// What begins as an ESP32 application image does and goes on with bytes that repeat nothing.
public struct FakeImage: Sendable {
    public let bytes: [UInt8]

    public init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// - Parameter version: What the image says of itself; without, it has no description.
    public init(chip: FirmwareChip, version: String? = nil, size: Int = 4096, seed: UInt64 = 1) {
        var random = RepeatableRandom(seed: seed)
        var bytes = (0..<size).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        bytes.replaceSubrange(0..<32, with: [UInt8](repeating: 0, count: 32))
        bytes[0] = 0xE9
        bytes[1] = 6
        bytes[12] = UInt8(chip.imageNumber & 0xFF)
        bytes[13] = UInt8(chip.imageNumber >> 8)
        if let version {
            bytes.replaceSubrange(32..<36, with: [0x32, 0x54, 0xCD, 0xAB])
            let text = Array(version.utf8.prefix(31))
            bytes.replaceSubrange(48..<80, with: text + [UInt8](repeating: 0, count: 32 - text.count))
        }
        self.bytes = bytes
    }
}
