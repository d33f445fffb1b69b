/// The members of a JSON object, in the order in which they were written, each key once.
///
/// Objects on the wire are small, so a linear search beats a hash table in time and in memory.
public struct JSONObject: Sendable {
    public struct Member: Sendable, Hashable {
        public let key: String
        public var value: JSONValue

        public init(key: String, value: JSONValue) {
            self.key = key
            self.value = value
        }
    }

    public private(set) var members: [Member]

    public init() {
        self.members = []
    }

    /// The caller vouches that no key is there twice.
    init(uniqueMembers: [Member]) {
        self.members = uniqueMembers
    }

    public var isEmpty: Bool { self.members.isEmpty }
    public var count: Int { self.members.count }

    /// The value of a key; setting `nil` removes it, setting an unknown key appends it.
    public subscript(key: String) -> JSONValue? {
        get {
            for member in self.members where member.key == key {
                return member.value
            }
            return nil
        }
        set {
            let index = self.members.firstIndex { $0.key == key }
            switch (index, newValue) {
            case (let index?, let value?): self.members[index].value = value
            case (let index?, nil): self.members.remove(at: index)
            case (nil, let value?): self.members.append(Member(key: key, value: value))
            case (nil, nil): break
            }
        }
    }
}

extension JSONObject: Hashable {
    /// The order of members means nothing in JSON, so it does not decide equality either.
    public static func == (one: JSONObject, other: JSONObject) -> Bool {
        one.count == other.count && one.members.allSatisfy { other[$0.key] == $0.value }
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(self.count)
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self.init(uniqueMembers: elements.map { Member(key: $0.0, value: $0.1) })
    }
}
