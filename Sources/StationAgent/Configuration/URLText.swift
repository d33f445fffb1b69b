/// The parts of `scheme://[user@]host[:port][/path]`.
///
/// Stricter than URL parsers made for the web: nothing is repaired, so that what the operator wrote is what is used.
struct URLText: Hashable, Sendable {
    /// In lower case.
    let scheme: String
    let userInfo: String?
    let authority: Authority
    /// What follows the host, with its slash; empty if nothing does.
    let path: String

    /// - Parameter schemes: those allowed; empty for any.
    init(_ text: String, schemes: [String] = []) throws(InvalidValue) {
        guard let separator = text.firstRange(of: "://") else {
            throw InvalidValue("it has no “://”")
        }
        let scheme = text[..<separator.lowerBound].lowercased()
        guard Self.isScheme(scheme), schemes.isEmpty || schemes.contains(scheme) else {
            throw InvalidValue("its scheme is not allowed here")
        }
        var rest = text[separator.upperBound...]
        var userInfo: String?
        let hostEnd = rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex
        if let at = rest[..<hostEnd].lastIndex(of: "@") {
            userInfo = String(rest[..<at])
            rest = rest[rest.index(after: at)...]
        }
        let path = rest[hostEnd...]
        guard path.first != "?", path.first != "#", !path.contains(where: { "?# ".contains($0) }),
            !text.hasControlCharacter
        else { throw InvalidValue("it has a query, a fragment or a blank in it") }
        self.scheme = scheme
        self.userInfo = userInfo
        self.authority = try Authority(rest[..<hostEnd])
        self.path = String(path)
    }

    private static func isScheme(_ text: String) -> Bool {
        guard let first = text.utf8.first, (0x61...0x7A).contains(first) else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x61...0x7A, UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."): true
            default: false
            }
        }
    }
}
