import StationCore

/// A tar archive in memory (ustar, POSIX.1-1988): plain files that are for their owner alone.
struct TarArchive: Sendable {
    private static let blockSize = 512
    private static let longestName = 100

    private var bytes: [UInt8] = []
    /// What all files are said to have been changed at.
    let time: Timestamp

    init(at time: Timestamp) {
        self.time = time
    }

    /// Adds a file; its name is ASCII of at most 100 bytes, more is cut off.
    mutating func add(_ name: String, _ content: [UInt8]) {
        self.bytes += self.header(name, size: content.count) + content
        self.pad()
    }

    /// The archive with its end.
    var finished: [UInt8] { self.bytes + [UInt8](repeating: 0, count: 2 * Self.blockSize) }

    private mutating func pad() {
        let rest = self.bytes.count % Self.blockSize
        if rest > 0 { self.bytes += [UInt8](repeating: 0, count: Self.blockSize - rest) }
    }

    private func header(_ name: String, size: Int) -> [UInt8] {
        var header = [UInt8](repeating: 0, count: Self.blockSize)
        func put(_ text: some Sequence<UInt8>, at offset: Int) {
            for (index, byte) in text.enumerated() { header[offset + index] = byte }
        }
        put(name.utf8.prefix(Self.longestName), at: 0)
        put(Self.octal(0o600, digits: 7), at: 100)
        // Nobody's: whoever unpacks it owns it.
        put(Self.octal(0, digits: 7), at: 108)
        put(Self.octal(0, digits: 7), at: 116)
        put(Self.octal(size, digits: 11), at: 124)
        put(Self.octal(max(0, Int(self.time.milliseconds / 1000)), digits: 11), at: 136)
        // The sum is taken with blanks in its own place.
        put("        ".utf8, at: 148)
        put("0".utf8, at: 156)
        put("ustar\u{0}00".utf8, at: 257)
        let sum = header.reduce(0) { $0 + Int($1) }
        put(Array(Self.octal(sum, digits: 6)) + [0, UInt8(ascii: " ")], at: 148)
        return header
    }

    /// The last digits of a number, with zeros before it.
    private static func octal(_ number: Int, digits: Int) -> some Sequence<UInt8> {
        let text = String(number, radix: 8)
        return (String(repeating: "0", count: max(0, digits - text.utf8.count)) + text).utf8.suffix(digits)
    }
}
