import StationCore

/// A time in the name of a file, such as `20261121T083000Z`.
enum NameTime {
    static func text(of time: Timestamp) -> String {
        "\(time.description.prefix(19).filter { $0 != "-" && $0 != ":" })Z"
    }

    static func time(_ text: Substring) -> Timestamp? {
        let digits = Array(text.utf8)
        guard digits.count == 16, digits[8] == UInt8(ascii: "T"), digits[15] == UInt8(ascii: "Z") else { return nil }
        func part(_ range: Range<Int>) -> String { String(decoding: digits[range], as: UTF8.self) }
        let date = "\(part(0..<4))-\(part(4..<6))-\(part(6..<8))"
        return Timestamp(iso8601: "\(date)T\(part(9..<11)):\(part(11..<13)):\(part(13..<15))Z")
    }
}
