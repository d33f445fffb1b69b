import StationCore

/// Takes secrets out of text that is to leave the station: those that are known, and whatever looks like one. It rather
/// takes too much.
struct SecretMask: Sendable {
    /// Shorter ones would take apart the text, and are no secrets.
    private static let shortestSecret = 4
    /// A run of so many characters of tokens, mixed as chance mixes them, is a token; a hexadecimal one a key.
    private static let shortestToken = 32
    private static let mask = Array(ShownText.mask.utf8)
    private static let tellingNames = [
        "password", "passwd", "passphrase", "psk", "secret", "token", "authorization", "cookie", "credential",
    ].map { Array($0.utf8) }

    private let known: [[UInt8]]

    init(_ secrets: [Secret]) {
        let texts = secrets.map(\.revealed).filter { $0.utf8.count >= Self.shortestSecret }
        // In JSON some characters are written otherwise.
        let forms = texts.flatMap { text in
            [Array(text.utf8), Array(JSONValue.string(text).serialized().dropFirst().dropLast())]
        }
        // A secret may be part of another one.
        self.known = Set(forms).sorted { $0.count > $1.count }
    }

    /// The text with a mask in the place of every secret.
    func applied(to text: [UInt8]) -> [UInt8] {
        let known = self.known.reduce(text) { Self.replace($1, in: $0) }
        return Self.maskTokens(Self.maskAddresses(Self.maskNamed(Self.maskHashes(known))))
    }

    // MARK: Known ones

    private static func replace(_ secret: [UInt8], in text: [UInt8]) -> [UInt8] {
        guard let first = secret.first else { return text }
        return Self.replace(in: text) { text, index in
            text[index] == first && text[index...].starts(with: secret) ? index..<index + secret.count : nil
        }
    }

    /// Puts the mask in the place of what is found, looking at every position that no mask has covered.
    private static func replace(
        in text: [UInt8], _ found: (_ text: [UInt8], _ index: Int) -> Range<Int>?
    ) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        var (index, copied) = (0, 0)
        while index < text.count {
            guard let range = found(text, index) else {
                index += 1
                continue
            }
            result += text[copied..<range.lowerBound] + Self.mask
            (index, copied) = (range.upperBound, range.upperBound)
        }
        return result + text[copied...]
    }

    // MARK: What looks like one

    /// Hashes of passwords: `$2b$12$…`, `$7$101$…`, `$y$…`.
    private static func maskHashes(_ text: [UInt8]) -> [UInt8] {
        Self.maskRuns(of: text, where: { Self.isWord($0) || "$./+=".utf8.contains($0) }) { run in
            let begin = run.firstIndex(of: UInt8(ascii: "$")) ?? run.endIndex
            let parts = run[begin...].split(separator: UInt8(ascii: "$"), omittingEmptySubsequences: false)
            guard parts.count >= 3, (1...3).contains(parts[1].count), run.endIndex - begin >= 20 else { return nil }
            return begin..<run.endIndex
        }
    }

    /// Opaque tokens, the parts of JSON Web Tokens, keys in hexadecimal digits.
    private static func maskTokens(_ text: [UInt8]) -> [UInt8] {
        Self.maskRuns(of: text, where: Self.isWord) { run in
            guard run.count >= Self.shortestToken else { return nil }
            let isMixed =
                run.contains { (0x41...0x5a).contains($0) } && run.contains { (0x61...0x7a).contains($0) }
                && run.contains { (0x30...0x39).contains($0) }
            return isMixed || run.allSatisfy(Self.isHexadecimal) ? run.startIndex..<run.endIndex : nil
        }
    }

    /// E-mail addresses: whose they are is nobody's business.
    private static func maskAddresses(_ text: [UInt8]) -> [UInt8] {
        Self.maskRuns(of: text, where: { Self.isWord($0) || ".%+@".utf8.contains($0) }) { run in
            guard let at = run.firstIndex(of: UInt8(ascii: "@")), at > run.startIndex,
                run[at...].contains(UInt8(ascii: "."))
            else { return nil }
            return run.startIndex..<run.endIndex
        }
    }

    /// Puts the mask in the place of a part of each longest run of some bytes.
    private static func maskRuns(
        of text: [UInt8], where belongs: (UInt8) -> Bool, _ part: (ArraySlice<UInt8>) -> Range<Int>?
    ) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        var index = 0
        while index < text.count {
            let end = text[index...].firstIndex { !belongs($0) } ?? text.endIndex
            if let masked = part(text[index..<end]) {
                result += text[index..<masked.lowerBound] + Self.mask + text[masked.upperBound..<end]
            } else {
                result += text[index..<end]
            }
            if end < text.endIndex { result.append(text[end]) }
            index = end + 1
        }
        return result
    }

    /// What stands behind a telling name: `password=…`, `"token": "…"`, `Authorization: Bearer …`.
    private static func maskNamed(_ text: [UInt8]) -> [UInt8] {
        // Most positions are done with after one look.
        var begins = [Bool](repeating: false, count: 256)
        for first in Self.tellingNames.compactMap(\.first) {
            begins[Int(first)] = true
            begins[Int(first & ~0x20)] = true
        }
        return Self.replace(in: text) { text, index in
            begins[Int(text[index])] ? Self.namedValue(in: text, at: index) : nil
        }
    }

    /// The value to a telling name that begins here.
    private static func namedValue(in text: [UInt8], at index: Int) -> Range<Int>? {
        guard let name = Self.tellingNames.first(where: { Self.stands($0, in: text, at: index) }) else { return nil }
        var begin = index + name.count
        func skip(_ bytes: String) {
            while begin < text.count, bytes.utf8.contains(text[begin]) { begin += 1 }
        }
        // The name may go on: “passwords”, “token_file”.
        while begin < text.count, Self.isWord(text[begin]) { begin += 1 }
        let isJSON = begin < text.count && text[begin] == UInt8(ascii: "\"")
        skip("\"")
        skip(" ")
        guard begin < text.count, "=:".utf8.contains(text[begin]) else { return nil }
        begin += 1
        skip(" ")
        let isQuoted = begin < text.count && text[begin] == UInt8(ascii: "\"")
        // A number, such as how many tokens there are.
        guard isQuoted || !isJSON else { return nil }
        if isQuoted { begin += 1 }
        let scheme = Array("bearer ".utf8)
        if Self.stands(scheme, in: text, at: begin) { begin += scheme.count }
        let ends = isQuoted ? "\"\n" : " \",;&}\n"
        let end = text[begin...].firstIndex { ends.utf8.contains($0) } ?? text.endIndex
        return end > begin ? begin..<end : nil
    }

    /// Whether a name in lower case stands there, in whatever case.
    private static func stands(_ name: [UInt8], in text: [UInt8], at index: Int) -> Bool {
        guard text.count - index > name.count else { return false }
        var offset = 0
        while offset < name.count {
            guard text[index + offset] | 0x20 == name[offset] else { return false }
            offset += 1
        }
        return true
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "_"), UInt8(ascii: "-"): true
        default: false
        }
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x46, 0x61...0x66: true
        default: false
        }
    }
}
