/// The `subjects` of a rule: whom it is about (contract 6, "Policy rules"). `nil` is anybody, an empty list nobody.
struct BrokerSubjectFilter: Sendable, Hashable {
    let types: Set<TokenSubject.Kind>?
    let ids: Set<String>?
    let groups: Set<String>?
    let scopes: [ScopePattern]?

    /// Whether each of the four lists names the subject.
    func includes(_ subject: TokenSubject) -> Bool {
        self.types?.contains(subject.kind) ?? true
            && self.ids?.contains(subject.id) ?? true
            && self.groups.map { !$0.isDisjoint(with: subject.groups) } ?? true
            && self.scopes.map { $0.contains { pattern in subject.scopes.contains(where: pattern.matches) } } ?? true
    }

    /// One scope, or with `.*` at its end all that begin with what is before the `*`.
    enum ScopePattern: Sendable, Hashable {
        case exactly(String)
        case beginning(String)

        init(_ text: String) {
            self = text.utf8.suffix(2).elementsEqual(".*".utf8) ? .beginning(String(text.dropLast())) : .exactly(text)
        }

        func matches(_ scope: String) -> Bool {
            switch self {
            case .exactly(let name): scope == name
            case .beginning(let prefix): scope.utf8.starts(with: prefix.utf8)
            }
        }
    }
}
