/// Text from anywhere, made safe for a line of the log: nothing in it ends the line or steers a terminal.
enum LogText {
    /// In quotation marks, as JSON writes strings.
    static func appendQuoted(_ string: String, to text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            default: self.append(scalar, to: &text)
            }
        }
        text += "\""
    }

    static func escaped(_ string: String) -> String {
        guard string.unicodeScalars.contains(where: self.mustBeEscaped) else { return string }
        var text = ""
        for scalar in string.unicodeScalars { self.append(scalar, to: &text) }
        return text
    }

    private static func append(_ scalar: Unicode.Scalar, to text: inout String) {
        guard self.mustBeEscaped(scalar) else {
            text.unicodeScalars.append(scalar)
            return
        }
        switch scalar {
        case "\n": text += "\\n"
        case "\r": text += "\\r"
        case "\t": text += "\\t"
        default:
            let digits = String(scalar.value, radix: 16)
            text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
    }

    /// The control characters of ASCII and Latin-1 (a terminal obeys both), and the two line ends of Unicode.
    private static func mustBeEscaped(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029: true
        default: false
        }
    }
}
