/// A password, token or key that cannot reach a log, an error text or an encoder by accident.
///
/// It has no `Codable` conformance and describes itself as dots; the text leaves only through `revealed`.
public struct Secret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let text: String

    public init(_ text: String) {
        self.text = text
    }

    /// The text itself: for the one place that must send, hash or store it.
    public var revealed: String { self.text }

    public var isEmpty: Bool { self.text.isEmpty }

    public var description: String { "•••" }
    public var debugDescription: String { "•••" }
    public var customMirror: Mirror { Mirror(self, children: []) }

    /// Compares every byte whatever the difference, so that the time taken tells nothing about a guess.
    public static func == (one: Secret, other: Secret) -> Bool {
        let left = Array(one.text.utf8)
        let right = Array(other.text.utf8)
        var difference = left.count ^ right.count
        for index in 0..<max(left.count, right.count) {
            let first = index < left.count ? left[index] : 0
            let second = index < right.count ? right[index] : 0
            difference |= Int(first ^ second)
        }
        return difference == 0
    }
}
