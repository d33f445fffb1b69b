/// A strict reader for JSON (RFC 8259): UTF-8 only, no trailing commas, no duplicate keys, at most 64 levels.
///
/// Foundation's decoders accept trailing commas and UTF-16, and of duplicate keys they take the first while most
/// peers take the last (contract 7, "Limits that keep it alive"); a device's message must mean one thing only.
struct JSONReader {
    static let maximumDepth = 64

    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0
    private var depth = 0

    static func read(_ bytes: UnsafeBufferPointer<UInt8>) throws(JSONError) -> JSONValue {
        var reader = JSONReader(bytes: bytes)
        reader.skipWhitespace()
        let value = try reader.value()
        reader.skipWhitespace()
        guard reader.position == bytes.count else { throw reader.error(.trailingBytes) }
        return value
    }

    private init(bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
    }

    private func error(_ reason: JSONError.Reason) -> JSONError {
        JSONError(reason: reason, offset: self.position)
    }

    private var next: UInt8? {
        self.position < self.bytes.count ? self.bytes[self.position] : nil
    }

    private mutating func skipWhitespace() {
        while let byte = self.next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            self.position += 1
        }
    }

    private mutating func value() throws(JSONError) -> JSONValue {
        guard let byte = self.next else { throw self.error(.unexpectedEnd) }
        switch byte {
        case UInt8(ascii: "{"): return .object(try self.object())
        case UInt8(ascii: "["): return .array(try self.array())
        case UInt8(ascii: "\""): return .string(try self.string())
        case UInt8(ascii: "t"): return try self.literal("true", .bool(true))
        case UInt8(ascii: "f"): return try self.literal("false", .bool(false))
        case UInt8(ascii: "n"): return try self.literal("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try self.number()
        default: throw self.error(self.isRestUTF8 ? .unexpectedByte : .notUTF8)
        }
    }

    /// For telling a letter in the wrong place, such as a typographic quote, from bytes that are none.
    private var isRestUTF8: Bool {
        String(validating: self.bytes[self.position...], as: UTF8.self) != nil
    }

    private mutating func literal(_ text: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
        for index in 0..<text.utf8CodeUnitCount {
            guard let byte = self.next else { throw self.error(.unexpectedEnd) }
            guard byte == text.utf8Start[index] else { throw self.error(.unexpectedByte) }
            self.position += 1
        }
        return value
    }

    private mutating func descend() throws(JSONError) {
        self.depth += 1
        guard self.depth <= Self.maximumDepth else { throw self.error(.tooDeep) }
        self.position += 1
        self.skipWhitespace()
    }

    /// True when another element follows, false at the closing bracket.
    private mutating func continues(until close: UInt8) throws(JSONError) -> Bool {
        self.skipWhitespace()
        guard let byte = self.next else { throw self.error(.unexpectedEnd) }
        guard byte == close || byte == UInt8(ascii: ",") else { throw self.error(.unexpectedByte) }
        self.position += 1
        if byte == close {
            self.depth -= 1
            return false
        }
        self.skipWhitespace()
        return true
    }

    private mutating func array() throws(JSONError) -> [JSONValue] {
        try self.descend()
        var elements: [JSONValue] = []
        if self.next == UInt8(ascii: "]") {
            self.position += 1
            self.depth -= 1
            return elements
        }
        repeat {
            elements.append(try self.value())
        } while try self.continues(until: UInt8(ascii: "]"))
        return elements
    }

    private mutating func object() throws(JSONError) -> JSONObject {
        try self.descend()
        var members: [JSONObject.Member] = []
        var seen: Set<String> = []
        if self.next == UInt8(ascii: "}") {
            self.position += 1
            self.depth -= 1
            return JSONObject()
        }
        repeat {
            let start = self.position
            guard self.next == UInt8(ascii: "\"") else {
                throw self.error(self.next == nil ? .unexpectedEnd : .unexpectedByte)
            }
            let key = try self.string()
            if Self.isRepeated(key, among: members, seen: &seen) {
                throw JSONError(reason: .duplicateKey, offset: start)
            }
            self.skipWhitespace()
            guard let colon = self.next else { throw self.error(.unexpectedEnd) }
            guard colon == UInt8(ascii: ":") else { throw self.error(.unexpectedByte) }
            self.position += 1
            self.skipWhitespace()
            members.append(JSONObject.Member(key: key, value: try self.value()))
        } while try self.continues(until: UInt8(ascii: "}"))
        return JSONObject(uniqueMembers: members)
    }

    /// Linear for the small objects that devices send; a set once a hostile one would make that quadratic.
    private static func isRepeated(
        _ key: String, among members: [JSONObject.Member], seen: inout Set<String>
    ) -> Bool {
        if members.count < 16 {
            return members.contains { $0.key == key }
        }
        if seen.isEmpty {
            seen = Set(members.lazy.map(\.key))
        }
        return !seen.insert(key).inserted
    }
}

// MARK: - Numbers

extension JSONReader {
    private mutating func digits() -> Int {
        let start = self.position
        while let byte = self.next, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
            self.position += 1
        }
        return self.position - start
    }

    private mutating func number() throws(JSONError) -> JSONValue {
        let start = self.position
        if self.next == UInt8(ascii: "-") { self.position += 1 }
        let leading = self.next
        let integerDigits = self.digits()
        guard integerDigits > 0, integerDigits == 1 || leading != UInt8(ascii: "0") else {
            throw self.error(.invalidNumber)
        }
        var isInteger = true
        if self.next == UInt8(ascii: ".") {
            isInteger = false
            self.position += 1
            guard self.digits() > 0 else { throw self.error(.invalidNumber) }
        }
        if self.next == UInt8(ascii: "e") || self.next == UInt8(ascii: "E") {
            isInteger = false
            self.position += 1
            if self.next == UInt8(ascii: "+") || self.next == UInt8(ascii: "-") { self.position += 1 }
            guard self.digits() > 0 else { throw self.error(.invalidNumber) }
        }
        let text = UnsafeBufferPointer(rebasing: self.bytes[start..<self.position])
        if isInteger, let whole = Self.wholeNumber(text) {
            return .integer(whole)
        }
        guard let value = Double(Substring(decoding: text, as: UTF8.self)), value.isFinite else {
            throw JSONError(reason: .invalidNumber, offset: start)
        }
        return .number(value)
    }

    /// `nil` when it does not fit 64 bits, and for `-0`, which an integer cannot hold.
    private static func wholeNumber(_ text: UnsafeBufferPointer<UInt8>) -> Int64? {
        let isNegative = text.first == UInt8(ascii: "-")
        var result: Int64 = 0
        for byte in text.dropFirst(isNegative ? 1 : 0) {
            let (shifted, overflowed) = result.multipliedReportingOverflow(by: 10)
            let digit = Int64(byte &- UInt8(ascii: "0"))
            let (sum, overflowedAgain) =
                isNegative ? shifted.subtractingReportingOverflow(digit) : shifted.addingReportingOverflow(digit)
            guard !overflowed, !overflowedAgain else { return nil }
            result = sum
        }
        return isNegative && result == 0 ? nil : result
    }
}

// MARK: - Strings

extension JSONReader {
    private mutating func string() throws(JSONError) -> String {
        self.position += 1
        let start = self.position
        while let byte = self.next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 {
            self.position += 1
        }
        guard let end = self.next else { throw self.error(.unexpectedEnd) }
        if end == UInt8(ascii: "\"") {
            let text = try self.text(UnsafeBufferPointer(rebasing: self.bytes[start..<self.position]), at: start)
            self.position += 1
            return text
        }
        return try self.escapedString(from: start)
    }

    private func text(_ bytes: UnsafeBufferPointer<UInt8>, at start: Int) throws(JSONError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw JSONError(reason: .notUTF8, offset: start)
        }
        return text
    }

    private mutating func escapedString(from start: Int) throws(JSONError) -> String {
        var buffer = Array(self.bytes[start..<self.position])
        while let byte = self.next {
            self.position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: buffer, as: UTF8.self) else {
                    throw JSONError(reason: .notUTF8, offset: start)
                }
                return text
            case UInt8(ascii: "\\"):
                try self.escape(into: &buffer)
            case 0..<0x20:
                throw JSONError(reason: .controlCharacter, offset: self.position - 1)
            default:
                buffer.append(byte)
            }
        }
        throw self.error(.unexpectedEnd)
    }

    private mutating func escape(into buffer: inout [UInt8]) throws(JSONError) {
        guard let byte = self.next else { throw self.error(.unexpectedEnd) }
        self.position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): buffer.append(byte)
        case UInt8(ascii: "b"): buffer.append(0x08)
        case UInt8(ascii: "f"): buffer.append(0x0C)
        case UInt8(ascii: "n"): buffer.append(0x0A)
        case UInt8(ascii: "r"): buffer.append(0x0D)
        case UInt8(ascii: "t"): buffer.append(0x09)
        case UInt8(ascii: "u"): buffer.append(contentsOf: String(try self.escapedScalar()).utf8)
        default: throw JSONError(reason: .invalidEscape, offset: self.position - 1)
        }
    }

    /// One scalar, from one `\uXXXX` or a surrogate pair of them; a lone surrogate is refused.
    private mutating func escapedScalar() throws(JSONError) -> Character {
        let first = try self.fourHexDigits()
        var code = first
        if first >= 0xD800, first < 0xDC00 {
            guard self.next == UInt8(ascii: "\\") else { throw self.error(.invalidEscape) }
            self.position += 1
            guard self.next == UInt8(ascii: "u") else { throw self.error(.invalidEscape) }
            self.position += 1
            let second = try self.fourHexDigits()
            guard second >= 0xDC00, second < 0xE000 else { throw self.error(.invalidEscape) }
            code = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(code) else { throw self.error(.invalidEscape) }
        return Character(scalar)
    }

    private mutating func fourHexDigits() throws(JSONError) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = self.next else { throw self.error(.unexpectedEnd) }
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
                throw self.error(.invalidEscape)
            }
            code = code << 4 | UInt32(digit)
            self.position += 1
        }
        return code
    }
}

extension JSONValue {
    /// Reads one JSON value from the whole of some bytes.
    ///
    /// - Throws: `JSONError` with the reason and the place of the first fault.
    public static func parse(_ bytes: [UInt8]) throws(JSONError) -> JSONValue {
        let result = bytes.withUnsafeBufferPointer { buffer -> Result<JSONValue, JSONError> in
            do throws(JSONError) {
                return .success(try JSONReader.read(buffer))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// Reads one JSON value from the whole of a text.
    public static func parse(_ text: String) throws(JSONError) -> JSONValue {
        try self.parse(Array(text.utf8))
    }
}
