import HTTPTypes
import HummingbirdCore

extension Request {
    /// Whether no further request can follow on the connection.
    var endsItsConnection: Bool {
        // The parser stops behind these: a second request on the connection would never be read.
        if self.headers.contains(.upgrade) || self.method == .connect { return true }
        // RFC 9112, 9.6: a list, in any case of letters.
        let options = self.headers[.connection]?.split(separator: ",") ?? []
        return options.contains { $0.trimmingBlanks.lowercased() == "close" }
    }
}

extension Substring {
    /// Without blanks and tabs at either side, as lists in header fields have them (RFC 9110, 5.6.3).
    fileprivate var trimmingBlanks: Substring {
        let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        let start = self.drop(while: isBlank)
        return start.prefix(upTo: (start.lastIndex { !isBlank($0) }).map(start.index(after:)) ?? start.startIndex)
    }
}
