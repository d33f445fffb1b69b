/// The levels of a topic or a filter, one after the other, as bytes.
///
/// Characters would not do: Swift joins a `/` with an accent that follows it into one, and takes for equal two texts
/// that a broker holds apart.
struct TopicLevels: Sequence, IteratorProtocol {
    private var rest: Substring.UTF8View?

    init(_ text: some StringProtocol) {
        self.rest = Substring(text).utf8
    }

    mutating func next() -> Substring.UTF8View? {
        guard let rest = self.rest else { return nil }
        guard let slash = rest.firstIndex(of: UInt8(ascii: "/")) else {
            self.rest = nil
            return rest
        }
        self.rest = rest[rest.index(after: slash)...]
        return rest[..<slash]
    }
}

extension Substring.UTF8View {
    /// `+`: any one level.
    var isAnyLevel: Bool { self.count == 1 && self.first == UInt8(ascii: "+") }

    /// `#`: all the rest.
    var isAllTheRest: Bool { self.count == 1 && self.first == UInt8(ascii: "#") }
}
