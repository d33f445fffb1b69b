/// A JSON value as it was read or as it is to be written (RFC 8259).
///
/// Whole numbers that fit 64 bits stay whole, so that a device's `60` is shown as `60` and not as `60.0`.
public enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case integer(Int64)
    /// Always finite: the reader refuses what overflows, and `init(_: Double)` turns the rest into `null`.
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)

    /// A number, or `null` for one that JSON cannot write (infinite, not a number).
    public init(_ number: Double) {
        self = number.isFinite ? .number(number) : .null
    }

    /// A measured number as people write it: `60` rather than `60.0`.
    public init(plain number: Double) {
        self = Int64(exactly: number).map(JSONValue.integer) ?? JSONValue(number)
    }

    /// As people write it; `null` for nothing.
    public init(plain number: Double?) {
        self = number.map { JSONValue(plain: $0) } ?? .null
    }

    /// `null` for nothing.
    public init(_ text: String?) {
        self = text.map(JSONValue.string) ?? .null
    }

    /// The number in floating point, whichever way it was written; `nil` for everything else.
    public var doubleValue: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }

    public var boolValue: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    public var stringValue: String? {
        if case .string(let value) = self { value } else { nil }
    }

    public var objectValue: JSONObject? {
        if case .object(let value) = self { value } else { nil }
    }

    /// A member of an object; `nil` for anything that is none.
    public subscript(key: String) -> JSONValue? { self.objectValue?[key] }

    public var arrayValue: [JSONValue]? {
        if case .array(let value) = self { value } else { nil }
    }

    /// What kind of value this is, in the words of JSON, for messages to people.
    public var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .integer, .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(JSONObject(uniqueMembers: elements.map { JSONObject.Member(key: $0.0, value: $0.1) }))
    }
}
