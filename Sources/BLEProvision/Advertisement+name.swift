extension Advertisement {
    /// The name for people: without control characters, at most 64 characters; `nil` where nothing is left of it.
    var shownName: String? {
        guard let name = self.name else { return nil }
        let scalars = name.unicodeScalars.filter { $0.properties.generalCategory != .control }
        let shown = String(String.UnicodeScalarView(scalars)).prefix(64)
        return shown.allSatisfy(\.isWhitespace) ? nil : String(shown)
    }
}
