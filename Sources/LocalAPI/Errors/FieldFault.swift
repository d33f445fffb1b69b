import StationCore

/// What is wrong with one field of a request.
struct FieldFault: Sendable, Hashable, CustomStringConvertible {
    enum Source: String, Sendable, Hashable {
        case body, query
    }

    enum Kind: String, Sendable, Hashable {
        case missing
        case type = "type_error"
        case value = "value_error"
        case unknown = "extra_forbidden"
    }

    let source: Source
    let field: String
    let kind: Kind
    /// A whole sentence that names the field.
    let message: String

    init(_ source: Source, _ field: String, _ kind: Kind, _ message: String) {
        self.source = source
        self.field = field
        self.kind = kind
        self.message = message
    }

    var description: String { self.message }

    var json: JSONValue {
        [
            "loc": [.string(self.source.rawValue), .string(self.field)],
            "msg": .string(self.message),
            "type": .string(self.kind.rawValue),
        ]
    }
}
