/// The encoding that lets text of any length and alphabet pass through every mail server (RFC 2045, 6.7).
enum QuotedPrintable {
    /// What a line may have, its soft line break included.
    private static let lineLength = 76

    /// Lines of the text end with LF, CRLF or CR, those of the result with CRLF.
    static func encode(_ text: String) -> [UInt8] {
        var result: [UInt8] = []
        for line in self.lines(of: Array(text.utf8)) {
            var column = 0
            for (index, byte) in line.enumerated() {
                let isLast = index == line.count - 1
                let limit = isLast ? self.lineLength : self.lineLength - 1
                var token = self.token(byte, isLast: isLast, isFirst: column == 0)
                if column + token.count > limit {
                    result += "=\r\n".utf8
                    column = 0
                    token = self.token(byte, isLast: isLast, isFirst: true)
                }
                result += token
                column += token.count
            }
            result += "\r\n".utf8
        }
        return result
    }

    private static func lines(of bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        var start = 0
        var index = 0
        while index < bytes.count {
            let isCR = bytes[index] == UInt8(ascii: "\r")
            if isCR || bytes[index] == UInt8(ascii: "\n") {
                lines.append(bytes[start..<index])
                if isCR, index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "\n") { index += 1 }
                start = index + 1
            }
            index += 1
        }
        if start < bytes.count { lines.append(bytes[start...]) }
        return lines
    }

    private static func token(_ byte: UInt8, isLast: Bool, isFirst: Bool) -> [UInt8] {
        switch byte {
        case UInt8(ascii: "="): self.escaped(byte)
        // A line with nothing but a dot ends a mail in SMTP; servers that forget to undo the doubling exist.
        case UInt8(ascii: ".") where isFirst: self.escaped(byte)
        case 0x21...0x7E: [byte]
        case UInt8(ascii: " ") where !isLast, UInt8(ascii: "\t") where !isLast: [byte]
        default: self.escaped(byte)
        }
    }

    private static func escaped(_ byte: UInt8) -> [UInt8] {
        let digits = Array("0123456789ABCDEF".utf8)
        return [UInt8(ascii: "="), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
}
