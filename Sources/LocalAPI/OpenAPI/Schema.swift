import StationCore

/// A JSON Schema (draft 2020-12, as OpenAPI 3.1 takes it) with the named schemas that it refers to.
///
///     static let zone = Schema.object([("id", .uuid), ("name", .text(1...255))]).named("Zone")
struct Schema: Sendable {
    var json: JSONObject
    /// The named schemas that this one refers to, by name.
    private(set) var components: [String: JSONObject] = [:]

    init(_ json: JSONObject, components: [String: JSONObject] = [:]) {
        self.json = json
        self.components = components
    }

    /// The same schema as a component of the document, to be referred to by its name.
    func named(_ name: String) -> Schema {
        var components = self.components
        components[name] = self.json
        return Schema(["$ref": .string("#/components/schemas/\(name)")], components: components)
    }

    func described(_ text: String) -> Schema {
        var schema = self
        schema.json["description"] = .string(text)
        return schema
    }

    /// Also `null`.
    var nullable: Schema {
        if case .string(let type)? = self.json["type"], self.json["enum"] == nil {
            var schema = self
            schema.json["type"] = [.string(type), "null"]
            return schema
        }
        return .anyOf([self, Schema(["type": "null"])])
    }
}

// MARK: - Building

extension Schema {
    static let any = Schema([:])
    static let boolean = Schema(["type": "boolean"])
    static let number = Schema(["type": "number"])
    static let string = Schema(["type": "string"])
    static let uuid = Schema(["type": "string", "format": "uuid"])
    /// ISO 8601 in UTC with milliseconds.
    static let time = Schema(["type": "string", "format": "date-time"])
    /// A time in a request: the station knows none before 1970 or after 9999.
    static let givenTime = Schema([
        "type": "string", "examples": ["2026-11-21T08:30:00.000Z"],
        "pattern":
            "^(19[7-9][0-9]|[2-9][0-9]{3})-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,3})?Z$",
    ])
    static let anyObject = Schema(["type": "object"])
    static let integer = Schema(["type": "integer"])

    static func integer(_ range: ClosedRange<Int64>) -> Schema {
        Schema(["type": "integer", "minimum": .integer(range.lowerBound), "maximum": .integer(range.upperBound)])
    }

    /// A text of so many characters.
    static func text(_ length: ClosedRange<Int>) -> Schema {
        Schema([
            "type": "string", "minLength": .integer(Int64(length.lowerBound)),
            "maxLength": .integer(Int64(length.upperBound)),
        ])
    }

    static func pattern(_ pattern: String) -> Schema {
        Schema(["type": "string", "pattern": .string(pattern)])
    }

    /// A name for people: not blank at its ends and without control characters, so that nothing of it is cut or refused.
    static func name(upTo length: Int) -> Schema {
        var schema = Self.text(1...length)
        schema.json["pattern"] =
            "^[^\\s\\u0000-\\u001f\\u007f-\\u009f]([^\\u0000-\\u001f\\u007f-\\u009f]*[^\\s\\u0000-\\u001f\\u007f-\\u009f])?$"
        return schema
    }

    static func choice(_ values: some Sequence<String>) -> Schema {
        Schema(["type": "string", "enum": .array(values.map(JSONValue.string))])
    }

    static func choice<Choice>(_: Choice.Type) -> Schema where Choice: RawRepresentable<String> & CaseIterable {
        Self.choice(Choice.allCases.map(\.rawValue))
    }

    static func array(_ element: Schema) -> Schema {
        Schema(["type": "array", "items": .object(element.json)], components: element.components)
    }

    static func anyOf(_ schemas: [Schema]) -> Schema {
        Schema(["anyOf": .array(schemas.map { .object($0.json) })], components: Self.joined(schemas))
    }

    static func map(to value: Schema) -> Schema {
        Schema(["type": "object", "additionalProperties": .object(value.json)], components: value.components)
    }

    /// An object.
    ///
    /// - Parameters:
    ///   - optional: The members that may be missing; all others are required.
    ///   - isClosed: Whether further members are refused: so it is with every body that is read.
    static func object(
        _ members: [(String, Schema)], optional: Set<String> = [], isClosed: Bool = false
    ) -> Schema {
        var properties = JSONObject()
        for (key, schema) in members { properties[key] = .object(schema.json) }
        var json: JSONObject = ["type": "object", "properties": .object(properties)]
        let required = members.map(\.0).filter { !optional.contains($0) }
        if !required.isEmpty { json["required"] = .array(required.map(JSONValue.string)) }
        if isClosed { json["additionalProperties"] = false }
        return Schema(json, components: Self.joined(members.map(\.1)))
    }

    /// The body of a request: what it does not name is refused.
    static func body(_ members: [(String, Schema)], optional: Set<String> = []) -> Schema {
        self.object(members, optional: optional, isClosed: true)
    }

    /// A body of which every member may be left out.
    static func patch(_ members: [(String, Schema)]) -> Schema {
        self.object(members, optional: Set(members.map(\.0)), isClosed: true)
    }

    private static func joined(_ schemas: [Schema]) -> [String: JSONObject] {
        schemas.reduce(into: [:]) { $0.merge($1.components) { first, _ in first } }
    }
}
