import FoundationEssentials
import StationCore

/// Text as it stands in the headers of a mail: short plain ASCII as it is, all else as encoded words (RFC 2047).
enum HeaderText {
    private static let longestPlain = 60
    /// 52 characters of base64: a word is then 64 long, and a line with it and the longest name of a header 76 at most.
    private static let bytesPerWord = 39

    static func unstructured(_ text: String) -> String {
        self.isPlain(text) ? text : self.encodedWords(text)
    }

    /// `"Name" <name@domain>`, on two lines if it is long.
    static func mailbox(_ address: MailAddress) -> String {
        guard let name = address.name else { return "<\(address.address)>" }
        guard self.isPlain(name) else { return "\(self.encodedWords(name))\r\n <\(address.address)>" }
        let quoted = name.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        let isLong = quoted.utf8.count + address.address.utf8.count > self.longestPlain
        return "\"\(quoted)\"\(isLong ? "\r\n" : "") <\(address.address)>"
    }

    private static func isPlain(_ text: String) -> Bool {
        // “=?” would be taken for the beginning of an encoded word; blanks at the ends get lost.
        text.utf8.count <= self.longestPlain && text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
            && !text.contains("=?") && text.first != " " && text.last != " "
    }

    private static func encodedWords(_ text: String) -> String {
        var words: [[UInt8]] = [[]]
        // A character must not be spread over two words.
        for scalar in text.unicodeScalars {
            let bytes = Array(String(scalar).utf8)
            if words[words.count - 1].count + bytes.count > self.bytesPerWord { words.append([]) }
            words[words.count - 1] += bytes
        }
        return words.map { "=?UTF-8?B?\(Data($0).base64EncodedString())?=" }.joined(separator: "\r\n ")
    }
}
