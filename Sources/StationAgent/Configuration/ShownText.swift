/// Text of unknown origin, made fit for a message: one line, not too long, without the password of a URL.
enum ShownText {
    static let mask = "•••"
    private static let maximumLength = 80

    static func quoted(_ text: String) -> String {
        var shown = ""
        for scalar in self.withoutUserInfo(text).unicodeScalars {
            shown += scalar.properties.generalCategory == .control ? scalar.escaped(asASCII: true) : String(scalar)
        }
        if shown.count > self.maximumLength {
            shown = shown.prefix(self.maximumLength) + "…"
        }
        return "“\(shown)”"
    }

    /// `smtp://user:password@host` with the part before the `@` masked; any other text as it is.
    static func withoutUserInfo(_ text: String) -> String {
        guard let scheme = text.firstRange(of: "://") else { return text }
        // The last “@” of all, not of the authority: an unescaped “/” in a password must not uncover its beginning.
        guard let at = text.lastIndex(of: "@"), at >= scheme.upperBound else { return text }
        return "\(text[..<scheme.upperBound])\(self.mask)\(text[at...])"
    }
}
