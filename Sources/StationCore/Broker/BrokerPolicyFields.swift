/// Reads the members of one object of a policy, with faults that name the place, the value and what is allowed.
struct BrokerPolicyFields {
    private let object: JSONObject
    private let path: String

    init(_ value: JSONValue, at path: String) throws(PolicyFault) {
        guard let object = value.objectValue else {
            throw PolicyFault(path, "is \(Self.shown(value)); it must be an object")
        }
        self.object = object
        self.path = path
    }

    func has(_ key: String) -> Bool { self.object[key] != nil }

    func fault(_ key: String, _ message: String) -> PolicyFault {
        PolicyFault(self.path(of: key), message)
    }

    func allowOnly(_ keys: [String]) throws(PolicyFault) {
        for member in self.object.members where !keys.contains(member.key) {
            throw self.fault(member.key, "is not known here; known are \(keys.joined(separator: ", "))")
        }
    }

    /// The names of all members.
    func names() throws(PolicyFault) -> [String] {
        try Self.check(self.object.count, "names", atMost: BrokerPolicy.maximumValues, at: self.path)
        return self.object.members.map(\.key)
    }

    /// The object of a member; `nil` when it is not there.
    func fields(_ key: String) throws(PolicyFault) -> BrokerPolicyFields? {
        guard let value = self.object[key] else { return nil }
        return try BrokerPolicyFields(value, at: self.path(of: key))
    }

    /// The objects in a list; none when it is not there.
    func objects(_ key: String, atMost limit: Int) throws(PolicyFault) -> [BrokerPolicyFields] {
        guard self.has(key) else { return [] }
        var objects: [BrokerPolicyFields] = []
        for (index, element) in try self.elements(key, of: "objects", atMost: limit).enumerated() {
            objects.append(try BrokerPolicyFields(element, at: "\(self.path(of: key))[\(index)]"))
        }
        return objects
    }

    /// What `read` makes of the texts in a list, which must be there.
    func list<Value>(
        _ key: String, _ rule: String, orAny: Bool = false, _ read: (String) -> Value?
    ) throws(PolicyFault) -> [Value] {
        let wanted = orAny ? "texts, or the text “*”" : "texts"
        var values: [Value] = []
        let elements = try self.elements(key, of: wanted, atMost: BrokerPolicy.maximumValues)
        for (index, element) in elements.enumerated() {
            guard let value = element.stringValue.flatMap(read) else {
                throw PolicyFault(
                    "\(self.path(of: key))[\(index)]", "is \(Self.shown(element)); it must be \(rule)"
                )
            }
            values.append(value)
        }
        return values
    }

    /// As `list`; `nil` for the text `*`.
    func listUnlessAny<Value>(
        _ key: String, _ rule: String, _ read: (String) -> Value?
    ) throws(PolicyFault) -> [Value]? {
        self.object[key] == "*" ? nil : try self.list(key, rule, orAny: true, read)
    }

    /// One of some names; `nil` when the member is not there.
    func choice<Choice: RawRepresentable & CaseIterable>(
        _ key: String
    ) throws(PolicyFault) -> Choice? where Choice.RawValue == String {
        guard let value = self.object[key] else { return nil }
        guard let choice = value.stringValue.flatMap(Choice.init(rawValue:)) else {
            throw self.fault(key, "is \(Self.shown(value)); it must be \(Self.oneOf(Choice.self))")
        }
        return choice
    }

    static func oneOf<Choice: RawRepresentable & CaseIterable>(
        _ type: Choice.Type
    ) -> String where Choice.RawValue == String {
        "one of \(type.allCases.map(\.rawValue).joined(separator: ", "))"
    }

    private func elements(
        _ key: String, of wanted: String, atMost limit: Int
    ) throws(PolicyFault) -> [JSONValue] {
        guard let value = self.object[key] else { throw self.fault(key, "is missing; it must be a list of \(wanted)") }
        guard let elements = value.arrayValue else {
            throw self.fault(key, "is \(Self.shown(value)); it must be a list of \(wanted)")
        }
        try Self.check(elements.count, "values", atMost: limit, at: self.path(of: key))
        return elements
    }

    private static func check(
        _ count: Int, _ what: String, atMost limit: Int, at path: String
    ) throws(PolicyFault) {
        guard count <= limit else { throw PolicyFault(path, "has \(count) \(what); at most \(limit) are allowed") }
    }

    /// A name that would be read as more than one is written in brackets, as in `scope_permissions["mqtt.read"]`.
    private func path(of key: String) -> String {
        let isPlain = !key.isEmpty && key.utf8.allSatisfy { $0 == UInt8(ascii: "_") || Self.isLetterOrDigit($0) }
        guard isPlain else { return "\(self.path)[\(JSONValue.string(String(key.prefix(200))))]" }
        return self.path.isEmpty ? key : "\(self.path).\(key)"
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }

    private static func shown(_ value: JSONValue) -> String {
        switch value {
        case .string(let text): "“\(text.prefix(200))”"
        case .null, .bool, .integer, .number: value.description
        case .array, .object: value.kind
        }
    }
}
