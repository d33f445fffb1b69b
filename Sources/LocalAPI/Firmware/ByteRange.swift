/// What a `Range` header asks of something that has so many bytes (RFC 9110, 14).
enum ByteRange: Sendable, Hashable {
    /// No range, several, or what is not understood: the whole is sent (14.2).
    case whole
    case part(Range<Int>)
    /// It lies beyond the end.
    case unsatisfiable

    init(_ field: String?, of size: Int) {
        self = field.flatMap { Self.parse($0, of: size) } ?? .whole
    }

    private static func parse(_ field: String, of size: Int) -> ByteRange? {
        let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].lowercased() == "bytes" else { return nil }
        let ends = parts[1].split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2 else { return nil }
        switch (ends[0].isEmpty, ends[1].isEmpty) {
        case (true, true): return nil
        case (true, false):
            guard let length = Self.number(ends[1]) else { return nil }
            return length == 0 || size == 0 ? .unsatisfiable : .part(max(0, size - length)..<size)
        case (false, _):
            guard let first = Self.number(ends[0]) else { return nil }
            guard let last = ends[1].isEmpty ? .max : Self.number(ends[1]), last >= first else { return nil }
            return first >= size ? .unsatisfiable : .part(first..<min(size, last == .max ? size : last + 1))
        }
    }

    /// Digits only; what is larger than any file counts as the largest number.
    private static func number(_ digits: Substring) -> Int? {
        guard digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        return Int(digits) ?? .max
    }
}
