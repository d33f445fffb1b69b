/// The mark of one content of a resource (RFC 9110, 8.8.3); always a strong one.
struct EntityTag: Sendable, Hashable, CustomStringConvertible {
    /// With its quotes.
    let description: String

    init(_ mark: some CustomStringConvertible) {
        self.description = "\"\(mark)\""
    }

    /// Whether an `If-None-Match` names it; weak tags count as well (13.1.2).
    func isNamed(in list: String) -> Bool {
        list.split(separator: ",").contains { element in
            let tag = element.filter { $0 != " " && $0 != "\t" }
            return tag == "*" || tag == self.description || tag == "W/" + self.description
        }
    }

    /// Whether an `If-Range` holds: for a weak tag or a date it does not (13.1.5).
    func allowsRange(_ condition: String?) -> Bool {
        condition.map { $0 == self.description } ?? true
    }
}
