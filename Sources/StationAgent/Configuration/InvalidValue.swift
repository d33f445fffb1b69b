/// Why a text is not the value that a setting wants. The reason never contains the text: the text may be secret.
struct InvalidValue: Error, Hashable {
    let reason: String

    init(_ reason: String) {
        self.reason = reason
    }
}
