import StationCore

/// Takes secrets out of texts that are shown or logged.
enum SecretMask {
    private static let secretItems: Set<String> = ["token", "access_token", "refresh_token", "password", "secret"]

    /// A request's path with the values of secret query items replaced.
    static func inPath(_ path: String) -> String {
        guard let mark = path.firstIndex(of: "?") else { return path }
        let items = path[path.index(after: mark)...].split(separator: "&", omittingEmptySubsequences: false)
        let shown = items.map { item -> Substring in
            guard let equals = item.firstIndex(of: "=") else { return item }
            let name = PercentEncoding.decode(item[..<equals].utf8, plusIsBlank: true) ?? ""
            return self.secretItems.contains(name.lowercased()) ? "\(item[..<equals])=\(Secret(""))" : item
        }
        return path[...mark] + shown.joined(separator: "&")
    }

    /// A text in which the `user:password@` of every URL is replaced.
    static func inURLs(_ text: String) -> String {
        var shown = ""
        var rest = text[...]
        while let slashes = rest.firstRange(of: "://") {
            shown += rest[..<slashes.upperBound]
            rest = rest[slashes.upperBound...]
            let authority = rest.prefix { !$0.isWhitespace && $0 != "/" && $0 != "?" && $0 != "#" }
            if let at = authority.lastIndex(of: "@") {
                shown += "\(Secret(""))"
                rest = rest[at...]
            }
        }
        return shown + rest
    }
}
