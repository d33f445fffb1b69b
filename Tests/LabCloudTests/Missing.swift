/// Something that a test counts on is not there.
struct Missing: Error, CustomStringConvertible {
    let description: String
}

extension Optional {
    /// The value, or an error that says what is missing.
    func unwrapped(_ what: String) throws(Missing) -> Wrapped {
        guard let value = self else { throw Missing(description: "missing: \(what)") }
        return value
    }
}
