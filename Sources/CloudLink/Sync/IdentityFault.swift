/// Why a message about identity does not fit, in the words that the cloud is told.
struct IdentityFault: Error, Sendable, Hashable, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
